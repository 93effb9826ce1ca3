#include "net/tcp.h"

#include "net/limits.h"

#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <cerrno>

namespace oob::net {

namespace asio = boost::asio;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

[[noreturn]] void fail_with(const boost::system::error_code& code) {
    // Cancelling is no failure of the connection: it goes up as what it is.
    if (code == asio::error::operation_aborted) throw boost::system::system_error(code);
    fail_if_short(code);
    Error error(Class::connect, "connect.reset", "the connection broke: " + code.message(),
                "does the device serve this port? was it restarted in the meantime?");
    error.retryable = true;
    fail(std::move(error));
}

/// The system tells an error once: whoever sees it has to pass it on.
void fail_unless_it_would_wait() {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return;
    fail_with({errno, boost::system::system_category()});
}

}  // namespace

/// A call that finds its bytes, or room for them, needs no round through the event loop. Without a
/// limit a fast peer would keep the loop for itself.
bool SocketStream::may_try() {
    constexpr unsigned most_in_a_row = 32;
    if (++tries_ <= most_in_a_row) return true;
    tries_ = 0;
    return false;
}

Task<std::size_t> SocketStream::read_some(std::span<std::byte> buffer) {
    if (may_try() && !buffer.empty()) {
        const ssize_t got =
            ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got >= 0) co_return static_cast<std::size_t>(got);
        fail_unless_it_would_wait();
    }
    const auto [code, count] =
        co_await socket_.async_read_some(asio::buffer(buffer.data(), buffer.size()), as_result);
    if (code == asio::error::eof) co_return 0;
    if (code) fail_with(code);
    co_return count;
}

Task<std::size_t> SocketStream::write_some(View bytes) {
    if (may_try()) {
        const ssize_t sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(),
                                    MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent > 0) co_return static_cast<std::size_t>(sent);
        if (sent < 0) fail_unless_it_would_wait();
    }
    asio::steady_timer limit(socket_.get_executor(), write_limit_);
    auto either = asio::experimental::make_parallel_group(
        socket_.async_write_some(asio::buffer(bytes.data(), bytes.size()), asio::deferred),
        limit.async_wait(asio::deferred));
    const auto [order, code, count, late] =
        co_await either.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    if (count > 0) co_return count;
    if (order[0] == 1 && !late) fail(stalled(write_limit_));
    if (code) fail_with(code);
    co_return 0;
}

Task<void> SocketStream::write(View bytes) {
    while (!bytes.empty()) bytes = bytes.subspan(co_await write_some(bytes));
}

void SocketStream::close() {
    boost::system::error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_both, ignored);
    socket_.close(ignored);
}

void SocketStream::reset() {
    boost::system::error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
}

}  // namespace oob::net
