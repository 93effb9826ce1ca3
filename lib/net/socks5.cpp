#include "net/socks5.h"

#include "core/text.h"
#include "net/deadline.h"
#include "net/stopover.h"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <array>

namespace oob::net {

namespace asio = boost::asio;

namespace {

// RFC 1928, sections 3 to 6.
constexpr std::uint8_t version = 5;
constexpr std::uint8_t no_login = 0;
constexpr std::uint8_t command_connect = 1;
constexpr std::uint8_t kind_ipv4 = 1;
constexpr std::uint8_t kind_name = 3;
constexpr std::uint8_t kind_ipv6 = 4;
constexpr std::size_t longest_name = 255;
constexpr std::size_t port_size = 2;

/// One conversation with a proxy, and how it is called in messages.
struct Proxy {
    Stream& stream;
    const std::string& place;  ///< "SOCKS5 proxy gate:1080"

    [[noreturn]] void refuse(std::string_view what) const {
        fail(Class::connect, "connect.proxy", join({"the ", place, " ", what}),
             "does --via, or via in the configuration, name the proxy rightly?");
    }
};

/// Exactly as many bytes as asked for: what comes after them belongs to the connection. What the
/// proxy refers to outlives the task.
Task<Bytes> read_answer(Proxy proxy, std::size_t count) {
    Bytes out(count);
    if (!co_await read_exactly(proxy.stream, out)) proxy.refuse("closed the connection");
    co_return out;
}

/// The bound address of a reply is of no use to us, but has to be read away.
Task<void> skip_address(Proxy proxy, std::uint8_t kind) {
    std::size_t size = 0;
    if (kind == kind_ipv4) size = 4;
    if (kind == kind_ipv6) size = 16;
    if (kind == kind_name) {
        const Bytes length = co_await read_answer(proxy, 1);
        size = std::to_integer<std::size_t>(length[0]);
    }
    if (size == 0 && kind != kind_name) proxy.refuse("answered with an unknown kind of address");
    co_await read_answer(proxy, size + port_size);
}

Task<void> negotiate(Proxy proxy, Endpoint endpoint) {
    const Bytes request = take(encode_socks5_connect(endpoint));
    const std::array hello{std::byte(version), std::byte(1), std::byte(no_login)};
    co_await proxy.stream.write(hello);
    const Bytes choice = co_await read_answer(proxy, 2);
    if (choice[0] != std::byte(version)) proxy.refuse("does not speak SOCKS5");
    if (choice[1] != std::byte(no_login)) proxy.refuse("wants a login, which is not supported");
    co_await proxy.stream.write(request);
    const Bytes head = co_await read_answer(proxy, 4);
    if (head[0] != std::byte(version)) proxy.refuse("does not speak SOCKS5");
    take(explain_socks5_reply(std::to_integer<std::uint8_t>(head[1]), endpoint));
    co_await skip_address(proxy, std::to_integer<std::uint8_t>(head[3]));
}

Task<StreamPtr> connect(Endpoint proxy, Dial to_proxy, Endpoint endpoint,
                        std::chrono::milliseconds limit) {
    const std::string place = "SOCKS5 proxy " + to_string(proxy);
    auto stream = co_await attempt(to_proxy(std::move(proxy)));
    if (!stream)
        fail(at_stopover(std::move(stream).error(), place, "proxy",
                         "is the proxy running, and does --via, or via in the configuration, name "
                         "it rightly? nothing was heard of the device"));
    const Proxy peer{**stream, place};
    auto agreed = co_await attempt(within(limit, negotiate(peer, std::move(endpoint)), "proxy"));
    if (!agreed && agreed.error().code == "timeout.proxy") {
        agreed.error().message = join({"the ", place, " gave no answer: ", agreed.error().message});
        agreed.error().hint =
            "it may wait for the device in vain; --connect-timeout gives it more time";
    }
    take(std::move(agreed));
    co_return *std::move(stream);
}

}  // namespace

Result<Bytes> encode_socks5_connect(const Endpoint& endpoint) {
    Writer out;
    out.u8(version).u8(command_connect).u8(0);  // the last is reserved
    boost::system::error_code code;
    const auto address = asio::ip::make_address(endpoint.host, code);
    if (!code && address.is_v4()) {
        const auto bytes = address.to_v4().to_bytes();
        out.u8(kind_ipv4).bytes(std::as_bytes(std::span(bytes)));
    } else if (!code) {
        const auto bytes = address.to_v6().to_bytes();
        out.u8(kind_ipv6).bytes(std::as_bytes(std::span(bytes)));
    } else {
        if (endpoint.host.empty() || endpoint.host.size() > longest_name)
            return std::unexpected(Error(Class::usage, "usage.host",
                                         "a SOCKS5 proxy takes names of 1 to 255 bytes",
                                         "give the device's address"));
        out.u8(kind_name).u8(static_cast<std::uint8_t>(endpoint.host.size()));
        out.bytes(as_view(endpoint.host));
    }
    return out.be16(endpoint.port).take();
}

Result<void> explain_socks5_reply(std::uint8_t code, const Endpoint& endpoint) {
    struct Row {
        std::uint8_t code;
        Class kind;
        const char* name;
        const char* words;
    };
    static constexpr std::array<Row, 8> rows{{
        {1, Class::connect, "connect.failed", "general failure"},
        {2, Class::forbidden, "forbidden.proxy", "not allowed by its rules"},
        {3, Class::connect, "connect.unreachable", "network unreachable"},
        {4, Class::connect, "connect.unreachable", "host unreachable"},
        {5, Class::connect, "connect.refused", "connection refused"},
        {6, Class::timeout, "timeout.connect", "the packet's time to live ended"},
        {7, Class::connect, "connect.proxy", "it does not support CONNECT"},
        {8, Class::connect, "connect.proxy", "it does not support this kind of address"},
    }};
    if (code == 0) return {};
    const auto* row = std::ranges::find(rows, code, &Row::code);
    const bool known = row != rows.end();
    Error error(known ? row->kind : Class::connect, known ? row->name : "connect.proxy",
                join({"the SOCKS5 proxy cannot connect to ", to_string(endpoint), ": ",
                      known ? row->words : "an unknown reason"}),
                "is the device reachable from the proxy?");
    error.with("socks5_reply", code).retryable = code == 1 || (code >= 3 && code <= 6);
    return std::unexpected(std::move(error));
}

Dial socks5(Endpoint proxy, Dial to_proxy, std::chrono::milliseconds limit) {
    return [=](Endpoint endpoint) -> Task<StreamPtr> {
        return connect(proxy, to_proxy, std::move(endpoint), limit);
    };
}

}  // namespace oob::net
