#pragma once

#include "core/bytes.h"

#include <cstdint>

/// Intel AMT redirection: a login, and then serial-over-LAN or IDE redirection on the same
/// connection (reference redirection, chapters 2 to 4). Little-endian.
namespace oob::codec::redirection {

/// The first byte of a message: what it is.
enum class Code : std::uint8_t {
    start_session = 0x10,
    start_session_reply = 0x11,
    end_session = 0x12,
    authenticate = 0x13,
    authenticate_reply = 0x14,

    sol_start = 0x20,
    sol_start_reply = 0x21,
    sol_end = 0x22,
    sol_end_reply = 0x23,
    sol_ping = 0x24,
    sol_pong = 0x25,
    sol_controls_to_host = 0x27,
    sol_data_to_host = 0x28,
    sol_controls_from_host = 0x29,
    sol_data_from_host = 0x2a,
    sol_heartbeat = 0x2b,

    ider_open = 0x40,
    ider_open_reply = 0x41,
    ider_close = 0x42,
    ider_close_reply = 0x43,
    ider_ping = 0x44,
    ider_pong = 0x45,
    ider_reset_occurred = 0x46,
    ider_reset_response = 0x47,
    ider_features = 0x48,
    ider_features_reply = 0x49,
    ider_error_occurred = 0x4a,
    ider_heartbeat = 0x4b,
    ider_command = 0x50,
    ider_command_end = 0x51,
    ider_get_data = 0x52,
    ider_data_from_host = 0x53,
    ider_data_to_host = 0x54,
};

/// The code of a message, which has at least a byte.
inline Code code_of(View message) { return static_cast<Code>(message[0]); }

/// The sequence number of a message of chapters 3 and 4, which has at least eight bytes.
inline std::uint32_t sequence_of(View message) {
    Reader in(message.subspan(4));
    return in.le32();
}

/// A message that has nothing but code and sequence number: pings, pongs, heartbeats and ends.
Bytes encode_bare(Code code, std::uint32_t sequence);

}  // namespace oob::codec::redirection
