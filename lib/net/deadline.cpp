#include "net/deadline.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <new>

namespace oob::net {

namespace asio = boost::asio;

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
        case Class::interrupted: {
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
        return Error(Class::internal, "internal.system", error.what(),
                     "this is a fault of the program; please report it");
    } catch (const std::bad_alloc&) {
        return Error(Class::internal, "internal.memory", "out of memory", "lower --fanout");
    } catch (const std::exception& error) {
        return Error(Class::internal, "internal.exception", error.what(),
                     "this is a fault of the program; please report it");
    }
}

Error timeout_error(const std::string& what, std::chrono::milliseconds limit) {
    Error error(
        Class::timeout, "timeout." + what,
        what + " took longer than " + std::to_string(limit.count()) + " ms",
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
