#include "codec/rmcp/authentication.h"

namespace oob::codec::rmcp {

namespace {

constexpr std::uint8_t rmcp_version = 6;
constexpr std::uint8_t no_acknowledgement = 0xff;
constexpr std::uint8_t class_ipmi = 7;
constexpr std::uint8_t controller_address = 0x20;
constexpr std::uint8_t console_address = 0x81;
constexpr std::uint8_t application_request = 0x06 << 2;
constexpr std::uint8_t application_response = 0x07 << 2;
constexpr std::uint8_t command_capabilities = 0x38;
constexpr std::uint8_t extended_data = 0x80;
constexpr std::uint8_t largest_channel = 0x0f;

std::unexpected<Error> bad(const char* code, const char* message) {
    return std::unexpected(Error(Class::protocol, code, message));
}

/// All the bytes and this one add up to zero modulo 256 (IPMI 2.0, section 13.8).
std::uint8_t checksum(View bytes) {
    std::uint8_t sum = 0;
    for (const std::byte byte : bytes)
        sum = static_cast<std::uint8_t>(sum + std::to_integer<int>(byte));
    return static_cast<std::uint8_t>(-sum);
}

/// A message outside any session: RMCP header, session header of zeros, two parts with a checksum
/// each.
Bytes wrap(std::uint8_t to, std::uint8_t function, View body) {
    const Bytes first = Writer().u8(to).u8(function).take();
    Writer out;
    out.u8(rmcp_version).u8(0).u8(no_acknowledgement).u8(class_ipmi);
    out.u8(0).be32(0).be32(0).u8(static_cast<std::uint8_t>(first.size() + body.size() + 2));
    out.bytes(first).u8(checksum(first)).bytes(body).u8(checksum(body));
    return out.take();
}

/// The body of such a message, without its checksum.
Result<View> unwrap(View datagram, std::uint8_t to, std::uint8_t function) {
    Reader in(datagram);
    const auto version = in.u8();
    in.skip(2);
    const auto message_class = in.u8();
    const auto type = in.u8();
    in.skip(4);
    const auto session = in.be32();
    const View message = in.bytes(in.u8());
    Reader parts(message);
    const View first = parts.bytes(2);
    const auto first_sum = parts.u8();
    const View rest = parts.bytes(parts.left());
    if (!in.ok() || !parts.ok() || rest.empty())
        return bad("protocol.ipmi_short", "the IPMI message is cut short");
    if (version != rmcp_version || message_class != class_ipmi || type != 0 || session != 0)
        return bad("protocol.ipmi", "no IPMI message outside a session");
    const View body = rest.first(rest.size() - 1);
    if (checksum(first) != first_sum ||
        checksum(body) != std::to_integer<std::uint8_t>(rest.back()))
        return bad("protocol.ipmi_checksum", "a checksum of the IPMI message is wrong");
    if (std::to_integer<std::uint8_t>(first[0]) != to ||
        std::to_integer<std::uint8_t>(first[1]) != function)
        return bad("protocol.ipmi", "the IPMI message is not for this side");
    return body;
}

}  // namespace

Bytes encode(const AuthenticationQuery& query) {
    Writer body;
    body.u8(console_address)
        .u8(static_cast<std::uint8_t>(query.sequence << 2))
        .u8(command_capabilities)
        .u8(static_cast<std::uint8_t>(query.channel | (query.extended ? extended_data : 0)))
        .u8(static_cast<std::uint8_t>(query.privilege));
    return wrap(controller_address, application_request, body.take());
}

Bytes encode(const AuthenticationCapabilities& answer) {
    Writer body;
    body.u8(controller_address)
        .u8(static_cast<std::uint8_t>(answer.sequence << 2))
        .u8(command_capabilities)
        .u8(answer.completion);
    if (answer.completion == completed) {
        body.u8(answer.channel).u8(answer.types).u8(answer.login).u8(answer.versions);
        body.le16(static_cast<std::uint16_t>(answer.enterprise & 0xffff))
            .u8(static_cast<std::uint8_t>(answer.enterprise >> 16))
            .u8(answer.auxiliary);
    }
    return wrap(console_address, application_response, body.take());
}

Result<AuthenticationQuery> decode_query(View datagram) {
    const auto body = unwrap(datagram, controller_address, application_request);
    if (!body) return std::unexpected(body.error());
    Reader in(*body);
    const auto from = in.u8();
    const auto sequence = in.u8();
    const auto command = in.u8();
    const auto channel = in.u8();
    const auto privilege = in.u8();
    if (!in.ok()) return bad("protocol.ipmi_short", "the IPMI request is cut short");
    if (from != console_address || command != command_capabilities || in.left() != 0)
        return bad("protocol.ipmi", "another IPMI request");
    return AuthenticationQuery{static_cast<std::uint8_t>(sequence >> 2),
                               static_cast<std::uint8_t>(channel & largest_channel),
                               (channel & extended_data) != 0,
                               static_cast<Privilege>(privilege & largest_channel)};
}

Result<AuthenticationCapabilities> decode_capabilities(View datagram) {
    const auto body = unwrap(datagram, console_address, application_response);
    if (!body) return std::unexpected(body.error());
    Reader in(*body);
    const auto from = in.u8();
    AuthenticationCapabilities out;
    out.sequence = static_cast<std::uint8_t>(in.u8() >> 2);
    const auto command = in.u8();
    out.completion = in.u8();
    if (!in.ok()) return bad("protocol.ipmi_short", "the IPMI answer is cut short");
    if (from != controller_address || command != command_capabilities)
        return bad("protocol.ipmi", "the answer to another IPMI request");
    if (out.completion != completed) return out;
    out.channel = in.u8();
    out.types = in.u8();
    out.login = in.u8();
    out.versions = in.u8();
    out.enterprise = in.le16();
    out.enterprise |= static_cast<std::uint32_t>(in.u8()) << 16;
    out.auxiliary = in.u8();
    if (!in.ok()) return bad("protocol.ipmi_short", "the IPMI answer is cut short");
    return out;
}

}  // namespace oob::codec::rmcp
