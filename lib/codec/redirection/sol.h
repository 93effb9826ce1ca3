#pragma once

#include "codec/redirection/code.h"
#include "core/error.h"

#include <cstdint>

/// Serial-over-LAN (reference redirection, chapter 3). Decoders get one whole message out of a
/// Framer.
namespace oob::codec::redirection {

/// What a client asks for; times in milliseconds.
struct SolStart {
    std::uint32_t sequence = 0;
    std::uint16_t most_transmit = 1000;      ///< bytes from the host in a message
    std::uint16_t transmit_timeout = 100;    ///< how long the device gathers them
    std::uint16_t overflow_timeout = 0;      ///< 0: the device waits for room without end
    std::uint16_t receive_timeout = 10'000;  ///< the device ends the session after such silence
    std::uint16_t flush_timeout = 0;         ///< 0: bytes to the host are kept until it takes them
    std::uint16_t heartbeat = 5'000;         ///< between the device's heartbeats; 0: none
    friend bool operator==(const SolStart&, const SolStart&) = default;
};

struct SolStartReply {
    std::uint8_t status = 0;  ///< 0: success
    std::uint32_t sequence = 0;
    friend bool operator==(const SolStartReply&, const SolStartReply&) = default;
};

inline constexpr std::uint8_t sol_control_rts = 0x01;
inline constexpr std::uint8_t sol_control_dtr = 0x02;
inline constexpr std::uint8_t sol_control_break = 0x04;
inline constexpr std::uint8_t sol_status_overflow = 0x01;
inline constexpr std::uint8_t sol_status_loopback = 0x02;
inline constexpr std::uint8_t sol_status_power = 0x04;
inline constexpr std::uint8_t sol_status_flushed = 0x08;
inline constexpr std::uint8_t sol_status_test = 0x10;

/// The lines of the host's serial port, and what became of its bytes.
struct SolControls {
    std::uint32_t sequence = 0;
    std::uint8_t control = 0;
    std::uint8_t status = 0;
    friend bool operator==(const SolControls&, const SolControls&) = default;
};

/// No message carries more.
inline constexpr std::size_t most_sol_bytes = 65'535;

Bytes encode(const SolStart& message);
Bytes encode(const SolStartReply& message);
Bytes encode(const SolControls& message);
/// As the JavaScript clients send it once; what it means is not known.
Bytes encode_controls_to_host(std::uint32_t sequence);
/// `code` is that of data to or from the host; at most most_sol_bytes.
Bytes encode_sol_data(Code code, std::uint32_t sequence, View bytes);

/// Errors: class `protocol`, code `redirection.malformed`.
Result<SolStart> decode_sol_start(View message);
Result<SolStartReply> decode_sol_start_reply(View message);
Result<SolControls> decode_sol_controls(View message);
/// The bytes that a message of data carries; part of it.
Result<View> decode_sol_data(View message);

}  // namespace oob::codec::redirection
