#include "net/local.h"

#include "core/error.h"
#include "net/tcp.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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
    if (!is_own_user(peer_user(socket.native_handle())))
        fail(Class::forbidden, "forbidden.socket",
             "another user serves " + path + ", so nothing is said to it",
             "look at whose it is (ls -l), or run this as that user");
    co_return std::make_unique<SocketStream>(std::move(socket));
}

std::optional<unsigned> peer_user(int socket) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
    return peer.uid;
}

bool is_own_user(std::optional<unsigned> user) {
    return user && (*user == ::geteuid() || *user == 0);
}

}  // namespace oob::net
