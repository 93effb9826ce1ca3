#include "net/socks5.h"

#include "core/text.h"
#include "net/deadline.h"

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

[[noreturn]] void fail_at_proxy(const std::string& what) {
    fail(Class::connect, "connect.proxy", "the SOCKS5 proxy " + what, "is --via right?");
}

/// Exactly as many bytes as asked for: what comes after them belongs to the connection. The stream
/// outlives the task.
Task<Bytes> read_answer(Stream& stream, std::size_t count) {
    Bytes out(count);
    if (!co_await read_exactly(stream, out)) fail_at_proxy("closed the connection");
    co_return out;
}

/// The bound address of a reply is of no use to us, but has to be read away.
Task<void> skip_address(Stream& stream, std::uint8_t kind) {
    std::size_t size = 0;
    if (kind == kind_ipv4) size = 4;
    if (kind == kind_ipv6) size = 16;
    if (kind == kind_name) {
        const Bytes length = co_await read_answer(stream, 1);
        size = std::to_integer<std::size_t>(length[0]);
    }
    if (size == 0 && kind != kind_name) fail_at_proxy("answered with an unknown kind of address");
    co_await read_answer(stream, size + port_size);
}

Task<void> negotiate(Stream& stream, Endpoint endpoint) {
    const Bytes request = take(encode_socks5_connect(endpoint));
    const std::array hello{std::byte(version), std::byte(1), std::byte(no_login)};
    co_await stream.write(hello);
    const Bytes choice = co_await read_answer(stream, 2);
    if (choice[0] != std::byte(version)) fail_at_proxy("does not speak SOCKS5");
    if (choice[1] != std::byte(no_login)) fail_at_proxy("wants a login, which is not supported");
    co_await stream.write(request);
    const Bytes head = co_await read_answer(stream, 4);
    if (head[0] != std::byte(version)) fail_at_proxy("does not speak SOCKS5");
    take(explain_socks5_reply(std::to_integer<std::uint8_t>(head[1]), endpoint));
    co_await skip_address(stream, std::to_integer<std::uint8_t>(head[3]));
}

Task<StreamPtr> connect(Endpoint proxy, Dial to_proxy, Endpoint endpoint,
                        std::chrono::milliseconds limit) {
    StreamPtr stream = co_await to_proxy(std::move(proxy));
    co_await within(limit, negotiate(*stream, std::move(endpoint)), "proxy");
    co_return stream;
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
