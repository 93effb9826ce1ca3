#include "net/bell.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace oob::net {

namespace asio = boost::asio;

struct Bell::Sleeper {
    Sleeper(Bell& bell, const asio::any_io_executor& executor, Clock::time_point limit)
        : timer(executor, limit), bell_(bell) {
        place_ = bell_.sleepers_.insert(bell_.sleepers_.end(), this);
    }
    Sleeper(const Sleeper&) = delete;
    Sleeper& operator=(const Sleeper&) = delete;
    ~Sleeper() { bell_.sleepers_.erase(place_); }

    asio::steady_timer timer;  // cancelled to ring

 private:
    Bell& bell_;
    std::list<Sleeper*>::iterator place_;
};

Bell::Bell() = default;
Bell::~Bell() = default;

Task<void> Bell::wait() { return wait_until(Clock::time_point::max()); }

Task<void> Bell::wait_until(Clock::time_point limit) {
    Sleeper sleeper(*this, co_await asio::this_coro::executor, limit);
    boost::system::error_code woken;
    co_await sleeper.timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

void Bell::ring() {
    for (Sleeper* sleeper : sleepers_) sleeper->timer.cancel();
}

}  // namespace oob::net
