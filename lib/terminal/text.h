#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace oob::terminal {

/// Bytes of code page 437, as firmware set-ups draw with them, as UTF-8. Those below 128 stay.
std::string from_code_page_437(std::string_view bytes);

/// Hands out whole UTF-8 characters of a stream that is cut anywhere.
class WholeCharacters {
 public:
    /// The bytes that were kept and these, without a character at the end that is not whole yet.
    /// Bytes that are no UTF-8 are handed out as they are.
    std::string feed(std::string_view bytes);

 private:
    std::string kept_;
};

/// Takes a terminal's control sequences out of a stream, and leaves what a person would read: text,
/// tabs and line ends.
class PlainText {
 public:
    std::string feed(std::string_view bytes);

 private:
    enum class State { text, escape, sequence, string, string_escape };
    State state_ = State::text;
};

}  // namespace oob::terminal
