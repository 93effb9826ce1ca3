#pragma once

#include "fuzz/expect.h"

#include <array>
#include <cstddef>
#include <string_view>

/// What a terminal may be shown, told from what may steer it; written apart from the code that it
/// is held against.
namespace oob::fuzz {

/// Takes the character at the beginning of a text; aborts when it is no UTF-8 (RFC 3629, section
/// 4).
inline char32_t take_character(std::string_view& text) {
    const auto byte = [&](std::size_t i) -> unsigned {
        expect(i < text.size());
        return static_cast<unsigned char>(text[i]);
    };
    constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
    const unsigned first = byte(0);
    std::size_t size = 1;
    char32_t out = first;
    if (first >= 0x80) {
        expect(first >= 0xc2 && first < 0xf5);
        size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
        out = first & (0x7fU >> size);
        for (std::size_t i = 1; i < size; ++i) {
            expect((byte(i) & 0xc0U) == 0x80);
            out = out << 6U | (byte(i) & 0x3fU);
        }
        expect(out >= least[size] && out <= 0x10ffff && (out < 0xd800 || out > 0xdfff));
    }
    text.remove_prefix(size);
    return out;
}

inline void expect_utf8(std::string_view text) {
    while (!text.empty()) (void)take_character(text);
}

/// C0, DEL, C1, and what turns the direction of writing (Unicode Standard Annex 9, section 2).
inline bool steers(char32_t character) {
    return character < 0x20 || (character >= 0x7f && character < 0xa0) || character == 0x61c ||
           character == 0x200e || character == 0x200f ||
           (character >= 0x202a && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069);
}

inline void expect_printable(std::string_view text) {
    while (!text.empty()) expect(!steers(take_character(text)));
}

}  // namespace oob::fuzz
