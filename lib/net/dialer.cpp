#include "net/dialer.h"

#include "core/text.h"
#include "net/deadline.h"
#include "net/tcp.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <vector>

namespace oob::net {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// More addresses of one name than this are not tried.
constexpr std::size_t most_addresses = 16;

bool wanted(const asio::ip::address& address, Family family) {
    return family == Family::any || (family == Family::ipv4) == address.is_v4();
}

Task<std::vector<Tcp::endpoint>> resolve(Endpoint endpoint, Family family) {
    boost::system::error_code code;
    const auto literal = asio::ip::make_address(endpoint.host, code);
    if (!code) {
        if (!wanted(literal, family))
            fail(Class::resolve, "resolve.family",
                 endpoint.host + " is of the other address family", "leave -4 or -6 away");
        co_return std::vector{Tcp::endpoint(literal, endpoint.port)};
    }
    Tcp::resolver resolver(co_await asio::this_coro::executor);
    const auto [error, found] = co_await resolver.async_resolve(
        endpoint.host, std::to_string(endpoint.port), Tcp::resolver::numeric_service, as_result);
    if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
    std::vector<Tcp::endpoint> out;
    for (const auto& entry : found)
        if (wanted(entry.endpoint().address(), family) && out.size() < most_addresses)
            out.push_back(entry.endpoint());
    if (out.empty())
        fail(Class::resolve, "resolve.failed",
             "no address for " + endpoint.host + (error ? ": " + error.message() : ""),
             "check the spelling, or give the address in the inventory");
    co_return out;
}

[[noreturn]] void fail_to_connect(const Endpoint& endpoint, const boost::system::error_code& code) {
    const std::string where = to_string(endpoint);
    Error error(Class::connect, "connect.failed",
                "cannot connect to " + where + ": " + code.message(),
                "is the device reachable from here?");
    if (code == asio::error::connection_refused) {
        error.code = "connect.refused";
        error.message = where + " refused the connection";
        error.hint =
            "is AMT provisioned and its network access on? firmware from 16.1 serves TLS only "
            "(amt://)";
    } else if (code == asio::error::host_unreachable || code == asio::error::network_unreachable) {
        error.code = "connect.unreachable";
        error.hint = "is there a route to the device? is the right interface up?";
    }
    error.retryable = true;
    fail(std::move(error));
}

Task<Tcp::socket> connect(Endpoint endpoint, DialOptions options) {
    const auto addresses = co_await resolve(endpoint, options.family);
    boost::system::error_code last;
    for (const auto& address : addresses) {
        Tcp::socket socket(co_await asio::this_coro::executor);
        boost::system::error_code code;
        socket.open(address.protocol(), code);
        if (!code && options.bind) {
            const auto source = asio::ip::make_address(*options.bind, code);
            if (!code) socket.bind(Tcp::endpoint(source, 0), code);
        }
        if (!code) {
            const auto [error] = co_await socket.async_connect(address, as_result);
            code = error;
        }
        if (code == asio::error::operation_aborted) throw boost::system::system_error(code);
        if (!code) {
            socket.set_option(Tcp::no_delay(true), code);
            co_return socket;
        }
        last = code;
    }
    fail_to_connect(endpoint, last);
}

Task<StreamPtr> connect_stream(Endpoint endpoint, DialOptions options) {
    co_return std::make_unique<SocketStream>(
        co_await connect(std::move(endpoint), std::move(options)));
}

Task<int> connect_descriptor(Endpoint endpoint, DialOptions options) {
    Tcp::socket socket = co_await connect(std::move(endpoint), std::move(options));
    co_return socket.release();
}

}  // namespace

Task<std::vector<std::string>> resolve_host(std::string host, Family family) {
    std::vector<std::string> out;
    for (const auto& endpoint : co_await resolve({std::move(host), 0}, family))
        out.push_back(endpoint.address().to_string());
    co_return out;
}

Task<int> connect_tcp(Endpoint endpoint, DialOptions options) {
    const auto limit = options.connect_timeout;
    return within(limit, connect_descriptor(std::move(endpoint), std::move(options)), "connect");
}

Dial direct(DialOptions options) {
    return [options](Endpoint endpoint) -> Task<StreamPtr> {
        // The limit covers the name look-up too; the options are copied into the call, the lambda
        // may be gone by then.
        return within(options.connect_timeout, connect_stream(std::move(endpoint), options),
                      "connect");
    };
}

}  // namespace oob::net
