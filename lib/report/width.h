#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace oob::report {

/// Lines may be as long as they like.
inline constexpr std::size_t unlimited = std::string::npos;

/// How many columns of a terminal a UTF-8 text takes: two for a wide character, none for a mark
/// that combines with the one before it.
std::size_t display_width(std::string_view text);

/// A text that begins in column `start` of a line, cut between words so that no line gets longer
/// than `limit`; further lines begin in column `indent`. A word longer than a line is left whole,
/// in a line of its own. The last line is not ended.
std::string wrapped(std::string_view text, std::size_t start, std::size_t indent,
                    std::size_t limit);

/// The display width of the longest piece that wrapped() would not cut.
std::size_t longest_word(std::string_view text);

/// The width of what standard output is shown on: that of the terminal, else what $COLUMNS says,
/// else 80 for a terminal, and no limit for anything else.
std::size_t output_width();

}  // namespace oob::report
