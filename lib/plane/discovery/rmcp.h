#pragma once

#include "core/bytes.h"
#include "plane/discovery/sighting.h"

#include <cstdint>
#include <optional>

/// What answers on UDP 623, asked without a login (reference discovery-posture, chapters 1 and 3).
/// Nothing here ever logs in.
namespace oob::plane::discovery {

inline constexpr std::uint16_t rmcp_port = 623;

/// ASF presence ping. `tag` is below 255.
Bytes presence_ping(std::uint8_t tag);
bool is_presence_pong(View datagram, std::uint8_t tag);

/// IPMI Get Channel Authentication Capabilities; `tag` modulo 64 is its sequence number.
Bytes ipmi_question(std::uint8_t tag);
bool is_ipmi_answer(View datagram, std::uint8_t tag);

/// `pong` and `ipmi` passed is_presence_pong and is_ipmi_answer; without either nothing is known
/// yet. `port` is where they came from.
Sighting describe(const std::optional<Bytes>& pong, const std::optional<Bytes>& ipmi,
                  std::uint16_t port);

}  // namespace oob::plane::discovery
