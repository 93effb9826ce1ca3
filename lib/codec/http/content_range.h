#pragma once

#include "core/error.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace oob::codec::http {

/// Which part of a representation an answer carries (RFC 9110, section 14.4).
struct ContentRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;             ///< the last byte itself
    std::optional<std::uint64_t> size;  ///< of the whole; nothing when the server does not know

    std::uint64_t length() const { return last - first + 1; }
    friend bool operator==(const ContentRange&, const ContentRange&) = default;
};

/// Reads "bytes 0-1023/146515", or with `*` for a size that is not known, and nothing else: no
/// other unit, no form for a range that cannot be had, no sign, no second range. Error: class
/// `protocol`, code `http.content_range`, also for numbers that contradict each other.
Result<ContentRange> decode_content_range(std::string_view value);

}  // namespace oob::codec::http
