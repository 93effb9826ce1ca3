#pragma once

#include "core/error.h"

#include <chrono>

namespace oob::net {

/// So long a peer may take nothing of what is written to it, unless something else is said.
inline constexpr std::chrono::milliseconds usual_write_limit{30'000};

/// The error of a write of which the peer has taken nothing for `limit`: class `timeout`, code
/// `timeout.write`.
Error stalled(std::chrono::milliseconds limit);

}  // namespace oob::net
