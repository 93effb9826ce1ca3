#include "core/unicode.h"

#include <doctest/doctest.h>

using namespace oob;

TEST_CASE("every character is decoded as it was encoded, and no prefix of it") {
    for (char32_t code = 0; code <= 0x10ffff; code += code < 0x11000 ? 1 : 0x11) {
        if (code >= 0xd800 && code <= 0xdfff) continue;
        std::string text;
        append_utf8(text, code);
        const Character whole = first_character(text + "!");
        REQUIRE(whole.valid);
        REQUIRE(whole.code == code);
        REQUIRE(whole.bytes == text.size());
        for (std::size_t size = 1; size < text.size(); ++size) {
            const Character cut = first_character(std::string_view(text).substr(0, size));
            REQUIRE(!cut.valid);
            REQUIRE(cut.bytes == size);
        }
    }
}

TEST_CASE("what is no UTF-8 takes as many bytes as could have begun a character") {
    struct Row {
        std::string_view bytes;
        std::size_t taken;
    };
    for (const Row& row :
         {Row{"\x80", 1}, Row{"\xbf\x80", 1}, Row{"\xc0\x80", 1}, Row{"\xc1\xbf", 1},
          Row{"\xe0\x80\x80", 1}, Row{"\xe0\x9f\xbf", 1}, Row{"\xed\xa0\x80", 1},
          Row{"\xf0\x8f\xbf\xbf", 1}, Row{"\xf4\x90\x80\x80", 1}, Row{"\xf5\x80\x80\x80", 1},
          Row{"\xff", 1}, Row{"\xe1\x80(", 2}, Row{"\xf1\x80\x80(", 3}, Row{"\xc3\xc3", 1}}) {
        CAPTURE(row.bytes);
        const Character first = first_character(row.bytes);
        CHECK(!first.valid);
        CHECK(first.code == replacement_character);
        CHECK(first.bytes == row.taken);
    }
}

TEST_CASE("a text is not cut in the middle of a character") {
    struct Row {
        std::string_view text;
        std::size_t most;
        std::string_view first;
    };
    for (const Row& row : {Row{"abc", 3, "abc"}, Row{"abc", 2, "ab"}, Row{"abc", 0, ""},
                           Row{"a\u00e4", 2, "a"}, Row{"a\u00e4", 3, "a\u00e4"},
                           Row{"a\u00e4b", 3, "a\u00e4"}, Row{"\u2603\u2603", 5, "\u2603"},
                           Row{"\U0001f600x", 3, ""}, Row{"\U0001f600x", 4, "\U0001f600"},
                           Row{"\x80\x80\x80\x80\x80\x80", 5, "\x80\x80\x80\x80\x80"},
                           Row{"ab\xffxyz", 3, "ab\xff"}}) {
        CAPTURE(row.text);
        CHECK(first_bytes(row.text, row.most) == row.first);
    }
}

TEST_CASE("which characters may be shown") {
    struct Row {
        char32_t first;
        char32_t last;
    };
    for (const Row& row :
         {Row{0x00, 0x1f}, Row{0x7f, 0x9f}, Row{0xad, 0xad}, Row{0x34f, 0x34f}, Row{0x61c, 0x61c},
          Row{0x200b, 0x200f}, Row{0x2028, 0x202e}, Row{0x2060, 0x206f}, Row{0xd800, 0xdfff},
          Row{0xfdd0, 0xfdef}, Row{0xfe00, 0xfe0f}, Row{0xfeff, 0xfeff}, Row{0xfff0, 0xfffb},
          Row{0xfffe, 0xffff}, Row{0x1fffe, 0x1ffff}, Row{0xe0000, 0xe0fff},
          Row{0x10fffe, 0x110000}}) {
        CAPTURE(static_cast<unsigned>(row.first));
        for (char32_t code = row.first; code <= row.last; ++code) CHECK(!is_printable(code));
    }
    for (const char32_t code :
         {0x20U, 0x7eU, 0xa0U, 0xacU, 0xaeU, 0xe4U, 0x2010U, 0x2027U, 0x202fU, 0x2603U, 0xd7ffU,
          0xe000U, 0xfff9U + 3, 0xfffdU, 0x1f600U, 0x10fffdU})
        CHECK(is_printable(code));
}
