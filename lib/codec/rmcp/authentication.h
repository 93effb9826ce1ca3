#pragma once

#include "core/bytes.h"
#include "core/error.h"

#include <cstdint>

/// Get Channel Authentication Capabilities outside any session: the one request that every IPMI
/// controller answers without a login (IPMI 2.0, sections 13.6 and 22.13; reference
/// discovery-posture, sections 3.1 and 3.2).
namespace oob::codec::rmcp {

inline constexpr std::uint8_t this_channel = 0x0e;
inline constexpr std::uint8_t largest_sequence = 0x3f;

enum class Privilege : std::uint8_t { callback = 1, user, operator_, administrator };

/// Bits of AuthenticationCapabilities::types.
inline constexpr std::uint8_t type_none = 0x01;
inline constexpr std::uint8_t type_md2 = 0x02;
inline constexpr std::uint8_t type_md5 = 0x04;
inline constexpr std::uint8_t type_password = 0x10;
inline constexpr std::uint8_t type_oem = 0x20;
inline constexpr std::uint8_t type_extended = 0x80;  ///< `versions` is valid

/// Bits of AuthenticationCapabilities::login.
inline constexpr std::uint8_t login_anonymous = 0x01;  ///< neither name nor password
inline constexpr std::uint8_t login_null_user = 0x02;  ///< no name
inline constexpr std::uint8_t login_named_user = 0x04;
inline constexpr std::uint8_t login_user_level_off = 0x08;   ///< user-level authentication is off
inline constexpr std::uint8_t login_per_message_off = 0x10;  ///< per-message authentication is off
inline constexpr std::uint8_t login_key_set = 0x20;          ///< K_G is not zero

/// Bits of AuthenticationCapabilities::versions.
inline constexpr std::uint8_t version_1_5 = 0x01;
inline constexpr std::uint8_t version_2_0 = 0x02;

/// Completion codes that such an answer has.
inline constexpr std::uint8_t completed = 0x00;
inline constexpr std::uint8_t invalid_data = 0xcc;

struct AuthenticationQuery {
    std::uint8_t sequence = 0;  ///< comes back in the answer; at most largest_sequence
    std::uint8_t channel = this_channel;
    bool extended = true;  ///< ask for IPMI 2.0 data; a controller of IPMI 1.5 may refuse it
    Privilege privilege = Privilege::administrator;

    friend bool operator==(const AuthenticationQuery&, const AuthenticationQuery&) = default;
};

/// The answer. All but sequence and completion is zero when `completion` is not `completed`.
struct AuthenticationCapabilities {
    std::uint8_t sequence = 0;
    std::uint8_t completion = completed;
    std::uint8_t channel = 0;
    std::uint8_t types = 0;
    std::uint8_t login = 0;
    std::uint8_t versions = 0;
    std::uint32_t enterprise = 0;  ///< IANA number of the OEM types' vendor, 24 bits
    std::uint8_t auxiliary = 0;

    bool ipmi_2_0() const { return (types & type_extended) != 0 && (versions & version_2_0) != 0; }
    bool ipmi_1_5() const {
        return completion == completed &&
               ((types & type_extended) == 0 || (versions & version_1_5) != 0);
    }
    friend bool operator==(const AuthenticationCapabilities&,
                           const AuthenticationCapabilities&) = default;
};

Bytes encode(const AuthenticationQuery& query);
Bytes encode(const AuthenticationCapabilities& answer);

/// Both want the addresses, the lengths and both checksums right. Errors: class `protocol`, codes
/// `protocol.ipmi_short`, `protocol.ipmi_checksum` and `protocol.ipmi` (another message).
Result<AuthenticationQuery> decode_query(View datagram);
Result<AuthenticationCapabilities> decode_capabilities(View datagram);

}  // namespace oob::codec::rmcp
