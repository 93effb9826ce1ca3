#include "terminal/keys.h"

#include <doctest/doctest.h>

using namespace oob::terminal;

TEST_CASE("function keys as each map says them") {
    // Reference redirection, section 3.7: P Q w x t u q r p M, and Escape with 1 to 9, 0, ! and @.
    const std::string_view keypad = "PQwxtuqrpM";
    const std::string_view digits = "1234567890!@";
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const std::string name = "F" + std::to_string(i + 1);
        CAPTURE(name);
        CHECK(key_bytes(name, Map::vt_utf8) == std::string("\x1b") + digits[i]);
        if (i < keypad.size())
            CHECK(key_bytes(name, Map::vt100) == std::string("\x1bO") + keypad[i]);
        else
            CHECK(!key_bytes(name, Map::vt100));
    }
    CHECK(key_bytes("F1", Map::ansi) == "\x1b[M");
    CHECK(key_bytes("F5", Map::none) == "\x1b[15~");
}

TEST_CASE("other keys by their names") {
    CHECK(key_bytes("enter", Map::none) == "\r");
    CHECK(key_bytes("Escape", Map::vt100) == "\x1b");
    CHECK(key_bytes("Ctrl-C", Map::vt100) == "\x03");
    CHECK(key_bytes("CTRL-z", Map::vt100) == "\x1a");
    CHECK(key_bytes("Home", Map::vt_utf8) == "\x1bh");
    CHECK(key_bytes("Up", Map::ansi) == "\x1b[A");
    for (const char* none : {"", "F0", "F13", "Ctrl-", "Ctrl-1", "Ctrl-AB", "Hyper"})
        CHECK(!key_bytes(none, Map::none));
}

TEST_CASE("what a terminal sends becomes what the host reads") {
    CHECK(translate_keys("ls\r", Map::vt100) == "ls\r");
    CHECK(translate_keys("\x1b[17~", Map::vt100) == "\x1bOu");
    CHECK(translate_keys("a\x1bORb\x1b[24~", Map::vt_utf8) ==
          "a\x1b"
          "3b\x1b@");
    CHECK(translate_keys("\x1b[[A\x1b[11~\x1bOP", Map::ansi) == "\x1b[M\x1b[M\x1b[M");
    CHECK(translate_keys("\x1b", Map::ansi) == "\x1b");
    CHECK(translate_keys("\x1bx", Map::vt_utf8) == "\x1bx");
    CHECK(translate_keys("\x1b[17~", Map::none) == "\x1b[17~");
}

TEST_CASE("maps by their names") {
    CHECK(map_named("vt100") == Map::vt100);
    CHECK(map_named("vt-utf8") == Map::vt_utf8);
    CHECK(map_named("ansi") == Map::ansi);
    CHECK(!map_named("xterm"));
}
