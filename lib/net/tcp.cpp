#include "net/tcp.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

namespace oob::net {

namespace asio = boost::asio;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

[[noreturn]] void fail_with(const boost::system::error_code& code) {
    // Cancelling is no failure of the connection: it goes up as what it is.
    if (code == asio::error::operation_aborted) throw boost::system::system_error(code);
    Error error(Class::connect, "connect.reset", "the connection broke: " + code.message(),
                "does the device serve this port? was it restarted in the meantime?");
    error.retryable = true;
    fail(std::move(error));
}

}  // namespace

Task<std::size_t> SocketStream::read_some(std::span<std::byte> buffer) {
    const auto [code, count] =
        co_await socket_.async_read_some(asio::buffer(buffer.data(), buffer.size()), as_result);
    if (code == asio::error::eof) co_return 0;
    if (code) fail_with(code);
    co_return count;
}

Task<void> SocketStream::write(View bytes) {
    const auto [code, count] =
        co_await asio::async_write(socket_, asio::buffer(bytes.data(), bytes.size()), as_result);
    if (code) fail_with(code);
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
