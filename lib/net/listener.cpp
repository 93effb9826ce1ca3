#include "net/listener.h"

#include "net/deadline.h"
#include "net/limits.h"
#include "net/local.h"
#include "net/tcp.h"

#include <sys/stat.h>
#include <unistd.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <cerrno>
#include <variant>

namespace oob::net {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Local = asio::local::stream_protocol;

struct Listener::Impl {
    std::variant<Tcp::acceptor, Local::acceptor> acceptor;
    std::string path;  // of a unix socket; removed with the listener

    ~Impl() {
        if (!path.empty()) ::unlink(path.c_str());
    }
};

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

[[noreturn]] void fail_to_listen(const std::string& where, const boost::system::error_code& code) {
    fail_if_short(code);
    std::string hint = "choose another address or port";
    if (code == asio::error::access_denied)
        hint = "ports below 1024 need root; choose a higher one";
    if (code == asio::error::address_in_use)
        hint = "another program listens there; choose another port";
    if (code.value() == EADDRNOTAVAIL)
        hint = "this machine does not have that address; 'ip address' shows those that it has";
    fail(Class::connect, "connect.listen", "cannot listen on " + where + ": " + code.message(),
         hint);
}

/// Out of descriptors, or a peer that left before it was accepted: worth another try.
bool passing(const boost::system::error_code& code) {
    return code == asio::error::connection_aborted || code == asio::error::try_again ||
           code.value() == EPROTO || local_shortage(code);
}

Endpoint endpoint_of(const Tcp::endpoint& endpoint) {
    return {endpoint.address().to_string(), endpoint.port()};
}

/// The ends of an accepted connection; a peer that is gone already leaves the address empty.
Accepted accepted(Tcp::socket socket) {
    close_on_exec(socket.native_handle());
    boost::system::error_code code;
    Accepted out;
    out.local = endpoint_of(socket.local_endpoint(code));
    out.remote = endpoint_of(socket.remote_endpoint(code));
    socket.set_option(Tcp::no_delay(true), code);
    out.stream = std::make_unique<SocketStream>(std::move(socket));
    return out;
}

Accepted accepted(Local::socket socket) {
    close_on_exec(socket.native_handle());
    Accepted out;
    out.user = peer_user(socket.native_handle());
    out.stream = std::make_unique<SocketStream>(std::move(socket));
    return out;
}

/// A socket file that nobody answers on is left over from a program that was killed.
void remove_if_stale(asio::any_io_executor executor, const std::string& path) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
    Local::socket probe(executor);
    boost::system::error_code code;
    probe.connect(Local::endpoint(path), code);
    if (code == asio::error::connection_refused) ::unlink(path.c_str());
}

}  // namespace

Listener::Listener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Listener::Listener(Listener&&) noexcept = default;
Listener& Listener::operator=(Listener&&) noexcept = default;
Listener::~Listener() = default;

Listener Listener::tcp(asio::any_io_executor executor, const std::string& address,
                       std::uint16_t port) {
    const std::string where = to_string(Endpoint{address, port});
    boost::system::error_code code;
    const auto ip = asio::ip::make_address(address, code);
    if (code) fail_to_listen(where, code);
    const Tcp::endpoint endpoint(ip, port);
    Tcp::acceptor acceptor(executor);
    acceptor.open(endpoint.protocol(), code);
    if (!code) close_on_exec(acceptor.native_handle());
    if (!code) acceptor.set_option(Tcp::acceptor::reuse_address(true), code);
    if (!code && ip.is_v6()) acceptor.set_option(asio::ip::v6_only(true), code);
    if (!code) acceptor.bind(endpoint, code);
    if (!code) acceptor.listen(asio::socket_base::max_listen_connections, code);
    if (code) fail_to_listen(where, code);
    return Listener(std::unique_ptr<Impl>(new Impl{std::move(acceptor), {}}));
}

Listener Listener::unix_socket(asio::any_io_executor executor, const std::string& path) {
    remove_if_stale(executor, path);
    boost::system::error_code code;
    if (path.size() >= sizeof(sockaddr_un::sun_path))
        fail(Class::usage, "usage.path", "the path of a unix socket is too long: " + path,
             "at most 107 bytes");
    Local::acceptor acceptor(executor);
    acceptor.open(Local(), code);
    if (!code) close_on_exec(acceptor.native_handle());
    const mode_t mask = ::umask(0177);
    if (!code) acceptor.bind(Local::endpoint(path), code);
    ::umask(mask);
    if (!code) acceptor.listen(asio::socket_base::max_listen_connections, code);
    if (code) fail_to_listen(path, code);
    return Listener(std::unique_ptr<Impl>(new Impl{std::move(acceptor), path}));
}

Task<Accepted> Listener::accept() {
    for (;;) {
        boost::system::error_code code;
        if (auto* tcp = std::get_if<Tcp::acceptor>(&impl_->acceptor)) {
            auto [error, socket] = co_await tcp->async_accept(as_result);
            if (!error) co_return accepted(std::move(socket));
            code = error;
        } else {
            auto& local = std::get<Local::acceptor>(impl_->acceptor);
            auto [error, socket] = co_await local.async_accept(as_result);
            if (!error) co_return accepted(std::move(socket));
            code = error;
        }
        if (!passing(code)) throw boost::system::system_error(code);
        co_await sleep_for(std::chrono::milliseconds(20));
    }
}

std::uint16_t Listener::port() const {
    const auto* tcp = std::get_if<Tcp::acceptor>(&impl_->acceptor);
    return tcp ? tcp->local_endpoint().port() : std::uint16_t{0};
}

void Listener::close() {
    boost::system::error_code ignored;
    std::visit([&](auto& acceptor) { acceptor.close(ignored); }, impl_->acceptor);
}

}  // namespace oob::net
