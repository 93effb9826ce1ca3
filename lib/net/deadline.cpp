#include "net/deadline.h"

#include "core/text.h"
#include "net/limits.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>
#include <utility>

namespace oob::net {

namespace asio = boost::asio;

namespace {

/// A wait for something else than the device, and what it is when a limit ends it.
struct OwnWait {
    std::string_view code;   ///< with which it ends when it is cancelled
    std::string_view doing;  ///< stands before what is waited for
    Class kind;
    std::string_view late;  ///< the code
    std::string_view hint;
};

constexpr std::array<OwnWait, 2> own_waits{{
    {"interrupted.lookup", "looking up ", Class::resolve, "resolve.timeout",
     "does the name server answer? the address in the inventory needs no look-up"},
    {"interrupted.command", "waiting for ", Class::config, "config.timeout",
     "does it ask for something? run it by hand to see"},
}};

const OwnWait* own_wait(std::string_view code) {
    const auto* const found = std::ranges::find(own_waits, code, &OwnWait::code);
    return found == own_waits.end() ? nullptr : found;
}

constexpr const char* waiting_for = "waiting_for";  // the key below `native`

}  // namespace

Task<void> sleep_until(Clock::time_point time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

Task<void> sleep_for(std::chrono::milliseconds duration) {
    co_await sleep_until(Clock::now() + duration);
}

Error lost(Error error) {
    switch (error.kind) {
        case Class::connect:
        case Class::timeout:
        case Class::tls:
        case Class::protocol:
        case Class::interrupted:
        case Class::config:  // this machine ran short of something
        case Class::internal: {
            Error out(Class::indeterminate, "indeterminate.lost",
                      "the change was sent, but no usable answer came back: " + error.message,
                      "read the state before doing it again");
            out.native = std::move(error.native);
            out.with("cause", error.code).indeterminate = true;
            return out;
        }
        default:
            return error;
    }
}

Error cut_off(std::string code, const std::string& subject) {
    const OwnWait* wait = own_wait(code);
    Error error(Class::interrupted, std::move(code),
                join({"stopped while ", wait ? wait->doing : "waiting for ", subject}),
                "read the state before doing it again");
    error.with(waiting_for, subject);
    return error;
}

namespace detail {

Error error_of(std::exception_ptr exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const Failure& failure) {
        return failure.error();
    } catch (const boost::system::system_error& error) {
        if (error.code() == asio::error::operation_aborted)
            return Error(Class::interrupted, "interrupted.cancelled", "stopped before it was done",
                         "read the state before doing it again");
        if (auto shortage = local_shortage(error.code())) return *std::move(shortage);
        return Error(Class::internal, "internal.system", error.what(),
                     "this is a fault of the program; please report it");
    } catch (const std::bad_alloc&) {
        return Error(Class::internal, "internal.memory", "out of memory", "lower --fanout");
    } catch (const std::exception& error) {
        return Error(Class::internal, "internal.exception", error.what(),
                     "this is a fault of the program; please report it");
    }
}

Error timeout_error(const std::string& what, std::chrono::milliseconds limit, const Error* ended) {
    const std::string longer = join({" took longer than ", std::to_string(limit.count()), " ms"});
    const Value* subject = ended ? ended->native.find(waiting_for) : nullptr;
    if (const OwnWait* wait = ended ? own_wait(ended->code) : nullptr; wait && subject) {
        Error error(wait->kind, std::string(wait->late),
                    join({wait->doing, subject->text(), longer}), std::string(wait->hint));
        error.with("limit_ms", limit.count()).retryable = true;
        return error;
    }
    Error error(
        Class::timeout, "timeout." + what, what + longer,
        "is the device reachable and awake? raise the limit with --timeout or --connect-timeout");
    error.with("limit_ms", limit.count()).retryable = true;
    return error;
}

Task<bool> race(std::chrono::milliseconds limit, std::function<Task<void>()> body) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, limit);
    auto group = asio::experimental::make_parallel_group(
        asio::co_spawn(executor, body(), asio::deferred), timer.async_wait(asio::deferred));
    const auto [order, body_error, timer_error] =
        co_await group.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    co_return order[0] == 1 && !timer_error;
}

}  // namespace detail

}  // namespace oob::net
