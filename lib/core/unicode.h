#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace oob {

/// Stands for what is no character (U+FFFD).
inline constexpr char32_t replacement_character = 0xfffd;

/// The character that a text begins with.
struct Character {
    char32_t code = replacement_character;
    std::size_t bytes = 1;
    /// False for bytes that are no UTF-8: overlong forms, surrogates, codes above U+10FFFF, what is
    /// cut short. `bytes` is then as much of it as could have begun a character (Unicode 15,
    /// section 3.9, "maximal subpart"), so that a reader that goes on behind it finds the next one.
    bool valid = true;
};

/// Decodes UTF-8 as RFC 3629 has it. The text must not be empty.
Character first_character(std::string_view text);

/// The character at the end of a text, as UTF-8; the code has to be one of a character.
void append_utf8(std::string& text, char32_t code);

/// True for a character that may be shown to a person as it is. False for what a terminal obeys,
/// for what turns the order of a line around, and for what cannot be seen: C0, DEL, C1, line and
/// paragraph separators, format characters (category Cf: bidirectional marks, embeddings and
/// overrides, zero-width spaces and joiners, the byte order mark), what is ignorable by default
/// (fillers, variation selectors, tags), surrogates and noncharacters.
bool is_printable(char32_t code);

/// True when all bytes are ASCII that may be shown. Looks at all of them without a branch.
bool is_plain_ascii(std::string_view text);

/// The beginning of a text, at most so many bytes, not cut in the middle of a character.
std::string_view first_bytes(std::string_view text, std::size_t most);

}  // namespace oob
