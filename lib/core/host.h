#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oob {

/// An IPv4 address as a number, and back.
std::optional<std::uint32_t> parse_ipv4(std::string_view text);
std::string format_ipv4(std::uint32_t address);

}  // namespace oob
