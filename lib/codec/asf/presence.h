#pragma once

#include "core/bytes.h"
#include "core/error.h"

#include <array>
#include <cstdint>
#include <optional>

/// ASF presence ping and pong, answered on UDP 623 (ASF 2.0, sections 3.2.3.1 and 3.2.4.3; IPMI
/// 2.0, sections 13.2.3 and 13.2.4; reference discovery-posture, sections 1.1 to 1.4).
namespace oob::codec::asf {

inline constexpr std::uint8_t no_acknowledgement = 0xff;  ///< RMCP sequence
inline constexpr std::uint32_t enterprise_asf = 4542;     ///< a pong without data of a vendor
inline constexpr std::uint32_t enterprise_intel = 343;

/// Bits of Pong::entities and Pong::interactions.
inline constexpr std::uint8_t entity_ipmi = 0x80;
inline constexpr std::uint8_t entity_asf_1_0 = 0x01;
inline constexpr std::uint8_t interaction_security = 0x80;  ///< RMCP security extensions, port 664
inline constexpr std::uint8_t interaction_dash = 0x20;

struct Ping {
    std::uint8_t sequence = no_acknowledgement;
    std::uint8_t tag = 0;  ///< comes back in the pong; 255 is reserved

    friend bool operator==(const Ping&, const Ping&) = default;
};

struct Pong {
    std::uint8_t tag = 0;
    std::uint32_t enterprise = enterprise_asf;  ///< IANA number of the vendor
    std::array<std::uint8_t, 4> oem{};          ///< what they mean is the vendor's affair
    std::uint8_t entities = 0;
    std::uint8_t interactions = 0;
    std::array<std::uint8_t, 6> reserved{};  ///< AMT tells its version here too

    friend bool operator==(const Pong&, const Pong&) = default;
};

/// What an Intel AMT device says of itself in its pong.
struct AmtPresence {
    enum class State : std::uint8_t { not_configured, in_setup, configured, unknown };

    std::uint16_t port = 0;  ///< 16992 without TLS, 16993 with TLS, 0 when not set up
    unsigned major = 0;      ///< 0.0 when the firmware does not say
    unsigned minor = 0;
    State state = State::unknown;
    bool both_ports = false;  ///< 16992 and 16993 are open
    bool dash = false;

    friend bool operator==(const AmtPresence&, const AmtPresence&) = default;
};

Bytes encode(const Ping& ping);
Bytes encode(const Pong& pong);
/// The pong that says this.
Pong amt_pong(const AmtPresence& presence);

/// Errors: class `protocol`, codes `protocol.asf_short` and `protocol.asf` (something else).
Result<Ping> decode_ping(View datagram);
/// Bytes past the pong are let pass. Errors as decode_ping. An RMCP acknowledgement is no pong.
Result<Pong> decode_pong(View datagram);

/// Empty when the pong is not of Intel.
std::optional<AmtPresence> amt_presence(const Pong& pong);

}  // namespace oob::codec::asf
