#pragma once

#include "core/value.h"

#include <cstddef>
#include <string>

namespace oob {

/// So much of one text that a peer said is kept in an error or a record. Firmware says a few
/// hundred bytes; whoever says megabytes is not to fill the memory of a run on many devices.
inline constexpr std::size_t most_said = std::size_t{2} * 1024;

/// The text; a longer one is cut at the beginning of a character and ends "… (N bytes more)".
std::string excerpt(std::string text, std::size_t most = most_said);

/// The value with every text in it cut so, and every list behind its first `most_listed` items.
inline constexpr std::size_t most_listed = 10'000;
Value excerpt(Value value, std::size_t most = most_said);

}  // namespace oob
