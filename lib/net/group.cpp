#include "net/group.h"

#include "net/deadline.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>
#include <list>
#include <optional>
#include <utility>

namespace oob::net {

namespace asio = boost::asio;

namespace {

/// Asio loses the end of a task that was cancelled and never waited for anything: it waits once
/// more before it tells, and that fails. Nothing is left to cancel by then.
Task<void> until_told(Task<void> task) {
    std::exception_ptr caught;
    try {
        co_await std::move(task);
    } catch (...) {
        caught = std::current_exception();
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    if (caught) std::rethrow_exception(caught);
}

}  // namespace

struct Group::State {
    std::list<asio::cancellation_signal> signals;  // one a running task
    std::optional<asio::steady_timer> changed;     // never expires; cancelled when a task has ended
    std::exception_ptr failure;                    // the first one

    void cancel() {
        // A cancelled task may end at once and leave the list, so the next one is looked up first.
        for (auto signal = signals.begin(); signal != signals.end();) {
            const auto next = std::next(signal);
            signal->emit(asio::cancellation_type::terminal);
            signal = next;
        }
    }
    void note(std::exception_ptr caught) {
        if (!caught || detail::error_of(caught).kind == Class::interrupted) return;
        if (failure) return;
        failure = std::move(caught);
        cancel();
    }
};

Group::Group() : state_(std::make_shared<State>()) {}

Group::~Group() = default;

Task<void> Group::spawn(Task<void> task) {
    const auto executor = co_await asio::this_coro::executor;
    if (!state_->changed) state_->changed.emplace(executor, asio::steady_timer::time_point::max());
    const auto signal = state_->signals.emplace(state_->signals.end());
    // The signal may still be in use while the completion runs, so it goes one turn of the loop
    // later.
    auto ended = [state = state_, signal, executor](std::exception_ptr caught) {
        asio::post(executor, [state, signal, caught] {
            state->signals.erase(signal);
            state->note(caught);
            state->changed->cancel();
        });
    };
    asio::co_spawn(executor, until_told(std::move(task)),
                   asio::bind_cancellation_slot(signal->slot(), std::move(ended)));
}

Task<void> Group::spawn_apart(Task<void> task) {
    return spawn([](Task<void> own) -> Task<void> {
        (void)co_await attempt(std::move(own));
    }(std::move(task)));
}

void Group::cancel() { state_->cancel(); }

Task<void> Group::wait_until_at_most(std::size_t count) {
    while (state_->signals.size() > count) {
        boost::system::error_code woken;
        co_await state_->changed->async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
}

Task<void> Group::join() {
    std::exception_ptr caught;
    try {
        co_await wait_until_at_most(0);
    } catch (...) {
        caught = std::current_exception();
    }
    if (!caught && state_->failure) std::rethrow_exception(std::exchange(state_->failure, {}));
    if (!caught) co_return;
    cancel();
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await wait_until_at_most(0);
    std::rethrow_exception(caught);
}

std::size_t Group::size() const { return state_->signals.size(); }

}  // namespace oob::net
