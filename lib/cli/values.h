#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace oob::cli {

/// A number out of an option's text; `usual` without one. Throws Failure `usage.number`.
std::uint64_t number(const std::optional<std::string>& text, const char* option,
                     std::uint64_t least, std::uint64_t most, std::uint64_t usual);

/// A duration out of an option's text; nothing without one. Throws Failure `usage.duration`.
std::optional<std::chrono::milliseconds> duration(const std::optional<std::string>& text,
                                                  const char* option);

}  // namespace oob::cli
