#pragma once

#include "core/error.h"
#include "net/task.h"

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>

namespace oob::net {

using Clock = std::chrono::steady_clock;

/// Waits; cancelled with the awaiting task.
Task<void> sleep_for(std::chrono::milliseconds duration);
Task<void> sleep_until(Clock::time_point time);

/// What `error` means for a change that was sent: itself when it is the device's answer; otherwise
/// nobody knows whether the device acted, and it becomes class `indeterminate`, code
/// `indeterminate.lost`, the cause under `native`.
Error lost(Error error);

/// How a wait ends that was cancelled and that has words of its own: class `interrupted`. `code` is
/// interrupted.lookup or interrupted.command, `subject` the name or the command that was waited
/// for. When a limit was the reason, within() tells it as resolve.timeout or config.timeout.
Error cut_off(std::string code, const std::string& subject);

namespace detail {

/// What one exception means as an Error: a Failure's own, a cancelled wait, or an internal fault.
Error error_of(std::exception_ptr exception);

/// `ended` is how the task ended that was cut off, as far as it said so.
Error timeout_error(const std::string& what, std::chrono::milliseconds limit, const Error* ended);

/// Runs `body` beside a timer and cancels whichever is still going. True when the timer won.
Task<bool> race(std::chrono::milliseconds limit, std::function<Task<void>()> body);

}  // namespace detail

/// The failure of `task` as data. The one place where exceptions of a target end.
template <class T>
Task<Result<T>> attempt(Task<T> task) {
    std::exception_ptr caught;
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(task);
            co_return Result<T>();
        } else {
            T value = co_await std::move(task);
            co_return Result<T>(std::move(value));
        }
    } catch (...) {
        caught = std::current_exception();
    }
    co_return std::unexpected(detail::error_of(caught));
}

/// The only deadline: cancels `task` after `limit` and fails with class `timeout`, code
/// `timeout.<what>`; with what cut_off() says when the task waited for something of ours. A task
/// that ended by itself counts as it ended; a change that was under way stays `indeterminate`.
template <class T>
Task<T> within(std::chrono::milliseconds limit, Task<T> task, std::string what = "operation") {
    std::optional<Result<T>> outcome;
    auto body = [&outcome, &task]() -> Task<void> {
        Result<T> result = co_await attempt(std::move(task));
        outcome.emplace(std::move(result));
    };
    const bool timed_out = co_await detail::race(limit, body);
    const bool interrupted = !outcome || (!*outcome && outcome->error().kind == Class::interrupted);
    if (timed_out && interrupted)
        fail(detail::timeout_error(what, limit, outcome ? &outcome->error() : nullptr));
    if constexpr (std::is_void_v<T>) {
        take(std::move(*outcome));
        co_return;
    } else {
        co_return take(std::move(*outcome));
    }
}

/// The exchange that changes a device: a failure in it goes through lost(), and nothing may repeat
/// the change.
template <class T>
Task<T> committing(Task<T> task) {
    Result<T> result = co_await attempt(std::move(task));
    if (!result) fail(lost(std::move(result).error()));
    if constexpr (std::is_void_v<T>)
        co_return;
    else
        co_return *std::move(result);
}

}  // namespace oob::net
