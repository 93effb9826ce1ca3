#include "core/unicode.h"

#include <algorithm>
#include <array>

namespace oob {

namespace {

constexpr char32_t last_code = 0x10ffff;
constexpr std::size_t longest_character = 4;  // bytes

/// How the first byte of a character determines the second (Unicode 15, table 3-7): what stands
/// outside is overlong, a surrogate, or above U+10FFFF.
struct Lead {
    unsigned char first;
    unsigned char last;
    std::size_t bytes;
    unsigned char lowest;
    unsigned char highest;
};

constexpr std::array<Lead, 8> leads{{{0xc2, 0xdf, 2, 0x80, 0xbf},
                                     {0xe0, 0xe0, 3, 0xa0, 0xbf},
                                     {0xe1, 0xec, 3, 0x80, 0xbf},
                                     {0xed, 0xed, 3, 0x80, 0x9f},
                                     {0xee, 0xef, 3, 0x80, 0xbf},
                                     {0xf0, 0xf0, 4, 0x90, 0xbf},
                                     {0xf1, 0xf3, 4, 0x80, 0xbf},
                                     {0xf4, 0xf4, 4, 0x80, 0x8f}}};

struct Range {
    char32_t first;
    char32_t last;
};

/// In their order, both ends included: the categories Cc, Cf, Cs, Zl and Zp of Unicode 15 and the
/// property Default_Ignorable_Code_Point. Noncharacters at the end of each plane are not in it.
constexpr std::array<Range, 29> unprintable{
    {{0x0000, 0x001f},      // C0
     {0x007f, 0x009f},      // DEL, C1
     {0x00ad, 0x00ad},      // soft hyphen
     {0x034f, 0x034f},      // combining grapheme joiner
     {0x0600, 0x0605},      // Arabic number signs
     {0x061c, 0x061c},      // Arabic letter mark
     {0x06dd, 0x06dd},      // Arabic end of ayah
     {0x070f, 0x070f},      // Syriac abbreviation mark
     {0x0890, 0x0891},      // Arabic pound and piastre marks
     {0x08e2, 0x08e2},      // Arabic disputed end of ayah
     {0x115f, 0x1160},      // Hangul fillers
     {0x17b4, 0x17b5},      // Khmer inherent vowels
     {0x180b, 0x180f},      // Mongolian variation selectors
     {0x200b, 0x200f},      // zero-width spaces and joiners, direction marks
     {0x2028, 0x202e},      // separators, embeddings and overrides
     {0x2060, 0x206f},      // word joiner, invisible operators, isolates
     {0x3164, 0x3164},      // Hangul filler
     {0xd800, 0xdfff},      // surrogates
     {0xfdd0, 0xfdef},      // noncharacters
     {0xfe00, 0xfe0f},      // variation selectors
     {0xfeff, 0xfeff},      // byte order mark
     {0xffa0, 0xffa0},      // halfwidth Hangul filler
     {0xfff0, 0xfffb},      // unassigned ignorables, interlinear annotation
     {0x110bd, 0x110bd},    // Kaithi number sign
     {0x110cd, 0x110cd},    // Kaithi number sign above
     {0x13430, 0x1343f},    // Egyptian hieroglyph controls
     {0x1bca0, 0x1bca3},    // shorthand format controls
     {0x1d173, 0x1d17a},    // musical beams and slurs
     {0xe0000, 0xe0fff}}};  // tags, more variation selectors

unsigned char byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

}  // namespace

Character first_character(std::string_view text) {
    constexpr unsigned char first_beyond_ascii = 0x80;
    constexpr unsigned six_bits = 0x3f;
    const unsigned char first = byte_at(text, 0);
    if (first < first_beyond_ascii) return {first, 1, true};
    const auto* const lead = std::ranges::find_if(
        leads, [first](const Lead& row) { return first >= row.first && first <= row.last; });
    if (lead == leads.end()) return {replacement_character, 1, false};
    char32_t code = first & (0xffU >> (lead->bytes + 1));
    for (std::size_t at = 1; at < lead->bytes; ++at) {
        const unsigned char lowest = at == 1 ? lead->lowest : 0x80;
        const unsigned char highest = at == 1 ? lead->highest : 0xbf;
        if (at == text.size() || byte_at(text, at) < lowest || byte_at(text, at) > highest)
            return {replacement_character, at, false};
        code = code << 6 | (byte_at(text, at) & six_bits);
    }
    return {code, lead->bytes, true};
}

void append_utf8(std::string& text, char32_t code) {
    const auto trail = [&](unsigned shift) {
        text += static_cast<char>(0x80U | (code >> shift & 0x3fU));
    };
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += static_cast<char>(0xc0U | code >> 6);
        trail(0);
    } else if (code < 0x10000) {
        text += static_cast<char>(0xe0U | code >> 12);
        trail(6);
        trail(0);
    } else {
        text += static_cast<char>(0xf0U | code >> 18);
        trail(12);
        trail(6);
        trail(0);
    }
}

bool is_printable(char32_t code) {
    constexpr char32_t end_of_plane = 0xfffe;
    if (code > last_code || (code & end_of_plane) == end_of_plane) return false;
    const auto* const range = std::ranges::lower_bound(unprintable, code, {}, &Range::last);
    return range == unprintable.end() || code < range->first;
}

bool is_plain_ascii(std::string_view text) {
    unsigned odd = 0;
    for (const char c : text)
        odd |= static_cast<unsigned>(c < ' ') | static_cast<unsigned>(c > '~');
    return odd == 0;
}

std::string_view first_bytes(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    // Only a character that begins shortly before the end can be cut.
    const std::size_t nearest = most < longest_character ? 0 : most - longest_character + 1;
    for (std::size_t at = most; at-- > nearest;) {
        if ((byte_at(text, at) & 0xc0U) == 0x80) continue;
        const Character last = first_character(text.substr(at));
        return text.substr(0, last.valid && at + last.bytes > most ? at : most);
    }
    return text.substr(0, most);
}

}  // namespace oob
