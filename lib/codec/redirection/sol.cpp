#include "codec/redirection/sol.h"

#include <algorithm>

namespace oob::codec::redirection {

namespace {

constexpr std::uint32_t intel = 343;
constexpr std::uint32_t usual_controls = 0x1b0000;  // as seen in clients

std::unexpected<Error> malformed(const char* what) {
    return std::unexpected(
        Error(Class::protocol, "redirection.malformed", what, "is this AMT's redirection port?"));
}

Writer head(Code code, std::uint8_t status, std::uint32_t sequence) {
    Writer out;
    out.u8(static_cast<std::uint8_t>(code)).u8(status).le16(0).le32(sequence);
    return out;
}

}  // namespace

Bytes encode(const SolStart& message) {
    Writer out = head(Code::sol_start, 0, message.sequence);
    out.le16(message.most_transmit).le16(message.transmit_timeout);
    out.le16(message.overflow_timeout).le16(message.receive_timeout);
    return out.le16(message.flush_timeout).le16(message.heartbeat).le32(0).take();
}

Bytes encode(const SolStartReply& message) {
    Writer out = head(Code::sol_start_reply, message.status, message.sequence);
    // Versions and buffer sizes, by position; clients look at none of them.
    out.u8(1).u8(0).u8(16).u8(0).le16(1000).le16(1000).le16(0);
    return out.le32(intel).u8(0).take();
}

Bytes encode(const SolControls& message) {
    return head(Code::sol_controls_from_host, 0, message.sequence)
        .u8(message.control)
        .u8(message.status)
        .take();
}

Bytes encode_controls_to_host(std::uint32_t sequence) {
    return head(Code::sol_controls_to_host, 0, sequence).le32(usual_controls).le16(0).take();
}

Bytes encode_sol_data(Code code, std::uint32_t sequence, View bytes) {
    bytes = bytes.first(std::min(bytes.size(), most_sol_bytes));
    Writer out = head(code, 0, sequence);
    return out.le16(static_cast<std::uint16_t>(bytes.size())).bytes(bytes).take();
}

Result<SolStart> decode_sol_start(View message) {
    Reader in(message);
    in.skip(4);
    SolStart out;
    out.sequence = in.le32();
    out.most_transmit = in.le16();
    out.transmit_timeout = in.le16();
    out.overflow_timeout = in.le16();
    out.receive_timeout = in.le16();
    out.flush_timeout = in.le16();
    out.heartbeat = in.le16();
    in.skip(4);
    if (!in.ok()) return malformed("the start of serial-over-LAN is cut short");
    return out;
}

Result<SolStartReply> decode_sol_start_reply(View message) {
    Reader in(message);
    in.skip(1);
    SolStartReply out;
    out.status = in.u8();
    in.skip(2);
    out.sequence = in.le32();
    in.skip(15);
    if (!in.ok()) return malformed("the reply to the start of serial-over-LAN is cut short");
    return out;
}

Result<SolControls> decode_sol_controls(View message) {
    Reader in(message);
    in.skip(4);
    SolControls out;
    out.sequence = in.le32();
    out.control = in.u8();
    out.status = in.u8();
    if (!in.ok()) return malformed("the host's serial lines are cut short");
    return out;
}

Result<View> decode_sol_data(View message) {
    Reader in(message);
    in.skip(8);
    const View out = in.bytes(in.le16());
    if (!in.ok()) return malformed("serial data is cut short");
    return out;
}

}  // namespace oob::codec::redirection
