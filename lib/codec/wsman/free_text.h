#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

/// Secrets that are told in words: the lower half of redaction.h.
namespace oob::codec::wsman {

/// Of names in XML and of words: letters, digits, `_`, `-`, `.`, and all that is not ASCII.
bool is_word_character(char c);

/// Where the value begins that stands behind the name of a secret, or the password of a URL;
/// nothing where there is none. Where markup is quoted in front of the name, it begins with that:
/// its attributes may be in any order. What stands there may be no value yet: see tells_nothing().
/// Time is linear.
std::optional<std::size_t> secret_in(std::string_view text);

/// True for what may stand behind a secret's name and is no value: blanks and punctuation.
bool tells_nothing(std::string_view text);

/// How much of a free text may be shown: all of it when it tells no secret.
std::size_t shown_of(std::string_view text);

}  // namespace oob::codec::wsman
