#include "terminal/text.h"

#include <array>
#include <cstdint>
#include <utility>

namespace oob::terminal {

namespace {

constexpr char escape = '\x1b';

/// The characters 128 to 255 of code page 437.
constexpr std::array<char16_t, 128> upper_half{
    0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8, 0x00ef,
    0x00ee, 0x00ec, 0x00c4, 0x00c5, 0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9,
    0x00ff, 0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192, 0x00e1, 0x00ed, 0x00f3, 0x00fa,
    0x00f1, 0x00d1, 0x00aa, 0x00ba, 0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb,
    0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557,
    0x255d, 0x255c, 0x255b, 0x2510, 0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f,
    0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559,
    0x2558, 0x2552, 0x2553, 0x256b, 0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580,
    0x03b1, 0x00df, 0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4, 0x03a6, 0x0398, 0x03a9, 0x03b4,
    0x221e, 0x03c6, 0x03b5, 0x2229, 0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248,
    0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0};

void append_utf8(std::string& out, char16_t character) {
    constexpr unsigned six_bits = 0x3f;
    const unsigned code = character;
    if (code < 0x800) {
        out += static_cast<char>(0xc0U | (code >> 6U));
    } else {
        out += static_cast<char>(0xe0U | (code >> 12U));
        out += static_cast<char>(0x80U | ((code >> 6U) & six_bits));
    }
    out += static_cast<char>(0x80U | (code & six_bits));
}

/// How many bytes a character has by its first one; 1 for what begins none.
std::size_t length_of(unsigned char first) {
    if (first >= 0xf0 && first < 0xf8) return 4;
    if (first >= 0xe0 && first < 0xf0) return 3;
    if (first >= 0xc2 && first < 0xe0) return 2;
    return 1;
}

bool continues(unsigned char byte) { return (byte & 0xc0U) == 0x80; }

/// Where a character begins that is not whole at the end; the size when there is none.
std::size_t whole_size(std::string_view text) {
    constexpr std::size_t longest = 4;
    for (std::size_t back = 1; back < longest && back <= text.size(); ++back) {
        const std::size_t at = text.size() - back;
        const auto byte = static_cast<unsigned char>(text[at]);
        if (continues(byte)) continue;
        return length_of(byte) > back ? at : text.size();
    }
    return text.size();
}

}  // namespace

std::string from_code_page_437(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 128)
            out += c;
        else
            append_utf8(out, upper_half[byte - 128U]);
    }
    return out;
}

std::string WholeCharacters::feed(std::string_view bytes) {
    std::string all = std::exchange(kept_, {});
    all += bytes;
    const std::size_t whole = whole_size(all);
    kept_ = all.substr(whole);
    all.resize(whole);
    return all;
}

std::string PlainText::feed(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        switch (state_) {
            case State::text:
                if (c == escape)
                    state_ = State::escape;
                else if (static_cast<unsigned char>(c) >= ' ' || c == '\t' || c == '\r' ||
                         c == '\n')
                    out += c;
                break;
            case State::escape:
                if (c == '[')
                    state_ = State::sequence;
                else if (c == ']' || c == 'P' || c == '_' || c == '^')
                    state_ = State::string;
                else if (c < ' ' || c > '/')  // otherwise one more byte belongs to it
                    state_ = State::text;
                break;
            case State::sequence:
                if (c >= '@' && c <= '~') state_ = State::text;
                break;
            case State::string:
                if (c == '\a') state_ = State::text;
                if (c == escape) state_ = State::string_escape;
                break;
            case State::string_escape:
                state_ = c == '\\' ? State::text : State::string;
                break;
        }
    }
    return out;
}

}  // namespace oob::terminal
