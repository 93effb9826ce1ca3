#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace oob {

/// A time as people and RFC 3339 write it: "2026-12-01T06:00:00Z", "2026-12-01 06:00+01:00". A
/// blank or a small letter may stand between day and time, seconds and their fraction may be left
/// away; the offset, or Z for UTC, may not, because nobody else could tell whose clock is meant.
/// Nothing for another form, for a day that is not in the calendar, and outside of the years 1970
/// to 2261. A leap second is none: no clock here shows it.
std::optional<std::chrono::system_clock::time_point> parse_timestamp(std::string_view text);

/// The same without an offset: what a hint needs to know of a text that is no time.
bool lacks_offset(std::string_view text);

/// "2026-12-01T06:00:00Z": in UTC, the fraction of a second left away.
std::string to_seconds(std::chrono::system_clock::time_point time);

}  // namespace oob
