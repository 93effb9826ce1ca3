#include "net/local.h"

#include "core/error.h"
#include "net/tcp.h"

#include <sys/un.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace oob::net {

namespace asio = boost::asio;
using Local = asio::local::stream_protocol;

Task<StreamPtr> connect_local(std::string path) {
    constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
    if (path.size() > longest)
        fail(Class::usage, "usage.path", "the path of the socket is too long: " + path,
             "at most " + std::to_string(longest) + " bytes");
    Local::socket socket(co_await asio::this_coro::executor);
    const auto [code] =
        co_await socket.async_connect(Local::endpoint(path), asio::as_tuple(asio::use_awaitable));
    if (code == asio::error::operation_aborted) throw boost::system::system_error(code);
    if (code)
        fail(Class::connect, "connect.local", "cannot connect to " + path + ": " + code.message(),
             "is the program that serves it running?");
    co_return std::make_unique<SocketStream>(std::move(socket));
}

}  // namespace oob::net
