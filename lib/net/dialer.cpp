#include "net/dialer.h"

#include "core/text.h"
#include "net/deadline.h"
#include "net/limits.h"
#include "net/lookup.h"
#include "net/tcp.h"

#include <arpa/inet.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <cerrno>
#include <vector>

namespace oob::net {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using asio::ip::address;

namespace {

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

bool is(const boost::system::error_code& code, int error_number) {
    return code.category() == boost::system::system_category() && code.value() == error_number;
}

[[noreturn]] void fail_family(const std::string& host) {
    fail(Class::resolve, "resolve.family", host + " is of the other address family",
         "leave -4 or -6 away");
}

/// A host that is an address is taken as it is and needs no thread. A look-up would read "10.1" or
/// "127.0.0.010" as numbers of another base or length, which is another machine than it seems.
Task<std::vector<address>> resolve(std::string host, Family family) {
    boost::system::error_code code;
    const auto literal = asio::ip::make_address(host, code);
    if (!code) {
        if (family != Family::any && (family == Family::ipv4) != literal.is_v4()) fail_family(host);
        co_return std::vector{literal};
    }
    in_addr ignored{};
    if (::inet_aton(host.c_str(), &ignored) != 0)
        fail(Class::usage, "usage.host", host + " is neither a name nor an address in full",
             "four decimal numbers without leading zeros, for instance 10.0.0.7");
    co_return co_await look_up(std::move(host), family);
}

struct Source {
    std::optional<std::string> text;
    std::optional<address> bound;

    explicit Source(const std::optional<std::string>& bind) : text(bind) {
        if (!bind) return;
        boost::system::error_code code;
        bound = asio::ip::make_address(*bind, code);
        if (code)
            fail(Class::usage, "usage.bind", "--bind is no address: " + *bind,
                 "an address of this machine");
    }

    bool fits(const address& peer) const { return !bound || bound->is_v4() == peer.is_v4(); }
};

/// Whether the machine has an address from which that one can be reached. A datagram socket asks
/// the routes and sends nothing.
bool has_source_for(const asio::any_io_executor& executor, const address& peer) {
    asio::ip::udp::socket probe(executor);
    boost::system::error_code code;
    probe.connect({peer, 9}, code);  // the port is of no account
    return !code;
}

/// Opens the socket and gives it its source. Throws Failure for what is wrong on this side.
void prepare(Tcp::socket& socket, const Tcp::endpoint& peer, const Source& source,
             boost::system::error_code& code) {
    socket.open(peer.protocol(), code);
    if (code) return;
    close_on_exec(socket.native_handle());
    if (!source.bound) return;
    socket.bind({*source.bound, 0}, code);
    if (is(code, EADDRNOTAVAIL))
        fail(Class::usage, "usage.bind",
             join({"--bind ", *source.text, " is no address of this machine"}),
             "'ip address' shows those that it has");
    if (is(code, EADDRINUSE)) fail(no_port_left(code));
}

/// A failure that no other address of the name can mend, because it is this machine's.
void fail_if_ours(const asio::any_io_executor& executor, const address& peer,
                  const boost::system::error_code& code) {
    fail_if_short(code);
    if (is(code, EADDRNOTAVAIL) && has_source_for(executor, peer)) fail(no_port_left(code));
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
    } else if (code == asio::error::host_unreachable || code == asio::error::network_unreachable ||
               is(code, EADDRNOTAVAIL)) {
        error.code = "connect.unreachable";
        error.hint = "is there a route to the device? is the right interface up?";
    }
    error.retryable = true;
    fail(std::move(error));
}

Task<Tcp::socket> connect(Endpoint endpoint, DialOptions options) {
    const auto executor = co_await asio::this_coro::executor;
    const Source source(options.bind);
    const auto addresses = co_await resolve(endpoint.host, options.family);
    boost::system::error_code last;
    bool tried = false;
    for (const auto& each : addresses) {
        if (!source.fits(each)) continue;
        tried = true;
        const Tcp::endpoint peer(each, endpoint.port);
        Tcp::socket socket(executor);
        prepare(socket, peer, source, last);
        if (!last) {
            const auto [error] = co_await socket.async_connect(peer, as_result);
            last = error;
        }
        if (last == asio::error::operation_aborted) throw boost::system::system_error(last);
        if (!last) {
            socket.set_option(Tcp::no_delay(true), last);
            co_return socket;
        }
        fail_if_ours(executor, each, last);
    }
    if (!tried)
        fail(Class::usage, "usage.bind",
             join({endpoint.host, " has no address of the family that --bind ", *source.text,
                   " is of"}),
             "give a source address of the other family, or leave --bind away");
    fail_to_connect(endpoint, last);
}

Task<StreamPtr> connect_stream(Endpoint endpoint, DialOptions options) {
    const auto write_limit = options.write_limit;
    co_return std::make_unique<SocketStream>(
        co_await connect(std::move(endpoint), std::move(options)), write_limit);
}

Task<int> connect_descriptor(Endpoint endpoint, DialOptions options) {
    Tcp::socket socket = co_await connect(std::move(endpoint), std::move(options));
    co_return socket.release();
}

}  // namespace

Task<std::vector<std::string>> resolve_host(std::string host, Family family,
                                            std::chrono::milliseconds limit) {
    std::vector<std::string> out;
    for (const auto& each : co_await within(limit, resolve(std::move(host), family), "lookup"))
        out.push_back(each.to_string());
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
