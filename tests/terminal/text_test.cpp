#include "terminal/text.h"

#include <doctest/doctest.h>

using namespace oob::terminal;

TEST_CASE("code page 437 draws boxes in UTF-8") {
    CHECK(from_code_page_437("\xc9\xcd\xbb") == "╔═╗");
    CHECK(from_code_page_437("\xb3 A\x84\xe1\xff") == "│ Aäß\u00a0");
    CHECK(from_code_page_437("plain\r\n\x1b[2J") == "plain\r\n\x1b[2J");
}

TEST_CASE("characters come whole however the stream is cut") {
    const std::string text = "ä€𝄞 ╔ ok";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        WholeCharacters whole;
        const std::string first = whole.feed(std::string_view(text).substr(0, cut));
        CHECK((first.empty() || (static_cast<unsigned char>(text[first.size()]) & 0xc0) != 0x80));
        CHECK(first + whole.feed(std::string_view(text).substr(cut)) == text);
    }
    WholeCharacters whole;
    CHECK(whole.feed("\xff\xfe\x80") == "\xff\xfe\x80");  // no UTF-8: nothing is kept for ever
    CHECK(whole.feed("\xe2\x82").empty());
    CHECK(whole.feed("x") == "\xe2\x82x");
}

TEST_CASE("control sequences are taken out, wherever the stream is cut") {
    const std::string screen =
        "\x1b[2J\x1b[1;1Hlo\x1b[31mgin: "
        "\x1b]0;title\x07\x1b(B\x1bM\x1bP1$r\x1b\\ok\r\n\tend\x07\x08";
    for (std::size_t cut = 0; cut <= screen.size(); ++cut) {
        PlainText plain;
        const std::string first = plain.feed(std::string_view(screen).substr(0, cut));
        CHECK(first + plain.feed(std::string_view(screen).substr(cut)) == "login: ok\r\n\tend");
    }
}
