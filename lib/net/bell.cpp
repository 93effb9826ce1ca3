#include "net/bell.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace oob::net {

namespace asio = boost::asio;

struct Bell::Timer {
    explicit Timer(const asio::any_io_executor& executor)
        : timer(executor, asio::steady_timer::time_point::max()) {}
    asio::steady_timer timer;  // never expires; cancelled to ring
};

Bell::Bell() = default;
Bell::~Bell() = default;

Task<void> Bell::wait() {
    if (!timer_) timer_ = std::make_unique<Timer>(co_await asio::this_coro::executor);
    boost::system::error_code woken;
    co_await timer_->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

void Bell::ring() {
    if (timer_) timer_->timer.cancel();
}

}  // namespace oob::net
