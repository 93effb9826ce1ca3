#pragma once

#include "core/bytes.h"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oob {

/// One string out of several, allocated once.
std::string join(std::initializer_list<std::string_view> parts);

std::vector<std::string_view> split(std::string_view text, char separator);
std::string_view trim(std::string_view text);
std::string lower(std::string_view text);
/// The text as a person may see it: each character that is not is_printable() (core/unicode.h), line
/// breaks and tabs included, and each piece of bytes that is no UTF-8 is a '?'. For pieces that are
/// laid out; whole texts are cleaned where they leave (report/person.h).
std::string harmless(std::string text);
/// ASCII only, as HTTP header names and host names need it.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// All of `text` as a number in the given base; nothing when anything else stands in it or it does
/// not fit.
std::optional<std::uint64_t> parse_unsigned(std::string_view text, int base = 10);

/// Hexadecimal, two digits a byte.
std::string hex_lower(View bytes);
std::string hex_upper(View bytes);
/// Even count of digits and nothing else; nothing otherwise.
std::optional<Bytes> parse_hex(std::string_view text);

/// RFC 4648 base64, padded.
std::string base64_encode(View bytes);
/// Strict: canonical padding, no line breaks, nothing outside the alphabet.
std::optional<Bytes> base64_decode(std::string_view text);

/// RFC 3339 in UTC with milliseconds: 2026-08-22T06:00:01.482Z.
std::string rfc3339(std::chrono::system_clock::time_point time);
/// RFC 7231 IMF-fixdate, the form of HTTP's Date: Sun, 06 Nov 1994 08:49:37 GMT.
std::string http_date(std::chrono::system_clock::time_point time);

/// What parse_duration accepts at most, so that a clock reading plus a duration cannot overflow.
inline constexpr std::chrono::hours longest_duration{366 * 24};

/// "500ms", "3s", "2m", "1h", "7d", "2w"; nothing when it is none of these, zero, or longer than
/// longest_duration.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// A UUID as text (8a1c0000-…, lower case) from the 16 bytes of SMBIOS, whose first three groups
/// are little-endian, and back. Empty when there are not 16 bytes; decoding accepts both cases.
std::string uuid_from_smbios(View sixteen_bytes);
std::optional<Bytes> uuid_to_smbios(std::string_view text);

/// The name out of `known` that is closest to `word`, for a "did you mean" hint; empty when none is
/// near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace oob
