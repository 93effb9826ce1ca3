#include "codec/asf/presence.h"

namespace oob::codec::asf {

namespace {

constexpr std::uint8_t rmcp_version = 6;
constexpr std::uint8_t class_asf = 6;
constexpr std::uint8_t type_ping = 0x80;
constexpr std::uint8_t type_pong = 0x40;
constexpr std::uint8_t pong_data_length = 16;

constexpr std::uint8_t amt_both_ports = 0x04;
constexpr std::uint8_t amt_state = 0x03;
constexpr unsigned largest_nibble = 15;

std::unexpected<Error> cut_short() {
    return std::unexpected(
        Error(Class::protocol, "protocol.asf_short", "the ASF message is cut short"));
}

std::unexpected<Error> other(const char* expected) {
    return std::unexpected(Error(Class::protocol, "protocol.asf", expected));
}

/// RMCP and ASF headers with these values.
Writer head(std::uint8_t sequence, std::uint8_t type, std::uint8_t tag, std::uint8_t length) {
    Writer out;
    out.u8(rmcp_version).u8(0).u8(sequence).u8(class_asf).be32(enterprise_asf);
    out.u8(type).u8(tag).u8(0).u8(length);
    return out;
}

struct Head {
    bool asf = false;
    std::uint8_t sequence = 0;
    std::uint8_t type = 0;
    std::uint8_t tag = 0;
    std::uint8_t length = 0;
};

Head read_head(Reader& in) {
    Head out;
    const auto version = in.u8();
    in.skip(1);
    out.sequence = in.u8();
    const auto message_class = in.u8();
    const auto enterprise = in.be32();
    out.type = in.u8();
    out.tag = in.u8();
    in.skip(1);
    out.length = in.u8();
    out.asf = version == rmcp_version && message_class == class_asf && enterprise == enterprise_asf;
    return out;
}

}  // namespace

Bytes encode(const Ping& ping) { return head(ping.sequence, type_ping, ping.tag, 0).take(); }

Bytes encode(const Pong& pong) {
    Writer out = head(no_acknowledgement, type_pong, pong.tag, pong_data_length);
    out.be32(pong.enterprise);
    for (const std::uint8_t byte : pong.oem) out.u8(byte);
    out.u8(pong.entities).u8(pong.interactions);
    for (const std::uint8_t byte : pong.reserved) out.u8(byte);
    return out.take();
}

Result<Ping> decode_ping(View datagram) {
    Reader in(datagram);
    const Head found = read_head(in);
    if (!in.ok()) return cut_short();
    if (!found.asf || found.type != type_ping || found.length != 0 || in.left() != 0)
        return other("not a presence ping");
    return Ping{found.sequence, found.tag};
}

Result<Pong> decode_pong(View datagram) {
    Reader in(datagram);
    const Head found = read_head(in);
    Pong pong;
    pong.tag = found.tag;
    pong.enterprise = in.be32();
    for (std::uint8_t& byte : pong.oem) byte = in.u8();
    pong.entities = in.u8();
    pong.interactions = in.u8();
    for (std::uint8_t& byte : pong.reserved) byte = in.u8();
    if (!in.ok()) return cut_short();
    if (!found.asf || found.type != type_pong || found.length < pong_data_length)
        return other("not a presence pong");
    return pong;
}

std::optional<AmtPresence> amt_presence(const Pong& pong) {
    if (pong.enterprise != enterprise_intel) return std::nullopt;
    AmtPresence out;
    out.port = static_cast<std::uint16_t>(pong.oem[0] << 8 | pong.oem[1]);
    // From release 16 on the version does not fit two halves of a byte and stands further back.
    const bool in_halves = pong.oem[2] != 0;
    out.major = in_halves ? pong.oem[2] >> 4U : pong.reserved[0];
    out.minor = in_halves ? pong.oem[2] & largest_nibble : pong.reserved[1];
    out.state = static_cast<AmtPresence::State>(pong.oem[3] & amt_state);
    out.both_ports = (pong.oem[3] & amt_both_ports) != 0;
    out.dash = ((pong.entities | pong.interactions) & interaction_dash) != 0;
    return out;
}

Pong amt_pong(const AmtPresence& presence) {
    Pong out;
    out.enterprise = enterprise_intel;
    out.oem[0] = static_cast<std::uint8_t>(presence.port >> 8);
    out.oem[1] = static_cast<std::uint8_t>(presence.port & 0xff);
    if (presence.major <= largest_nibble && presence.minor <= largest_nibble) {
        out.oem[2] = static_cast<std::uint8_t>(presence.major << 4 | presence.minor);
    } else {
        out.reserved[0] = static_cast<std::uint8_t>(presence.major);
        out.reserved[1] = static_cast<std::uint8_t>(presence.minor);
    }
    out.oem[3] = static_cast<std::uint8_t>(static_cast<unsigned>(presence.state) |
                                           (presence.both_ports ? amt_both_ports : 0U));
    if (presence.dash) out.interactions = interaction_dash;
    return out;
}

}  // namespace oob::codec::asf
