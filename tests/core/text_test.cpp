#include "core/text.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace oob;
using namespace std::chrono_literals;

namespace {

using Strings = std::vector<std::string_view>;

std::chrono::system_clock::time_point at(std::int64_t milliseconds) {
    return std::chrono::system_clock::time_point(std::chrono::milliseconds(milliseconds));
}

}  // namespace

TEST_CASE("join puts the parts together, empty ones too") {
    CHECK(join({}) == "");
    CHECK(join({"a", "", "bc"}) == "abc");
}

TEST_CASE("split keeps empty parts") {
    CHECK(split("", ',') == Strings{""});
    CHECK(split("a", ',') == Strings{"a"});
    CHECK(split("a,b,,c", ',') == Strings{"a", "b", "", "c"});
    CHECK(split(",", ',') == Strings{"", ""});
}

TEST_CASE("trim takes blanks and line ends off both ends") {
    CHECK(trim(" \t a b\r\n") == "a b");
    CHECK(trim("a") == "a");
    CHECK(trim(" \r\n\t ") == "");
    CHECK(trim("") == "");
}

TEST_CASE("upper and lower case of ASCII only") {
    CHECK(lower("WWW-Authenticate[@`{") == "www-authenticate[@`{");
    CHECK(lower("\xc3\x84") == "\xc3\x84");
    CHECK(equal_ignoring_case("Content-Length", "content-LENGTH"));
    CHECK(equal_ignoring_case("", ""));
    CHECK_FALSE(equal_ignoring_case("a", "ab"));
    CHECK_FALSE(equal_ignoring_case("[", "{"));
    CHECK_FALSE(equal_ignoring_case("\xc3\x84", "\xc3\xa4"));
}

TEST_CASE("only a whole number that fits is a number") {
    CHECK(parse_unsigned("0") == 0);
    CHECK(parse_unsigned("007") == 7);
    CHECK(parse_unsigned("18446744073709551615") == 18446744073709551615U);
    CHECK(parse_unsigned("02FA", 16) == 762);
    CHECK(parse_unsigned("02fa", 16) == 762);
    for (const std::string_view bad :
         {"", "-1", "+1", " 1", "1 ", "1x", "0x10", "18446744073709551616", "1.0"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_unsigned(bad));
    }
    CHECK_FALSE(parse_unsigned("0x10", 16));
    CHECK_FALSE(parse_unsigned("9", 8));
}

TEST_CASE("hexadecimal goes both ways") {
    const Bytes bytes{std::byte{0x00}, std::byte{0x0f}, std::byte{0xa5}, std::byte{0xff}};
    CHECK(hex_lower(bytes) == "000fa5ff");
    CHECK(hex_upper(bytes) == "000FA5FF");
    CHECK(hex_lower(View()) == "");
    CHECK(parse_hex("000fA5Ff") == bytes);
    CHECK(parse_hex("") == Bytes{});
    for (const std::string_view bad : {"0", "000", "0g", " 0", "0x", "00 11", "-1", "+1"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_hex(bad));
    }
}

TEST_CASE("base64 agrees with the vectors of RFC 4648, section 10") {
    struct Row {
        std::string_view plain;
        std::string_view encoded;
    };
    for (const Row& row : {Row{"", ""}, Row{"f", "Zg=="}, Row{"fo", "Zm8="}, Row{"foo", "Zm9v"},
                           Row{"foob", "Zm9vYg=="}, Row{"fooba", "Zm9vYmE="},
                           Row{"foobar", "Zm9vYmFy"}, Row{"\xfb\xff\xbf", "+/+/"}}) {
        CAPTURE(row.plain);
        CHECK(base64_encode(as_view(row.plain)) == row.encoded);
        const auto decoded = base64_decode(row.encoded);
        REQUIRE(decoded);
        CHECK(as_text(*decoded) == row.plain);
    }
}

TEST_CASE("base64 of every byte comes back") {
    Bytes bytes;
    for (int value = 0; value < 256; ++value) {
        bytes.push_back(static_cast<std::byte>(value));
        CHECK(base64_decode(base64_encode(bytes)) == bytes);
    }
}

TEST_CASE("base64 that is not canonical is refused") {
    for (const std::string_view bad :
         {"Z", "Zg", "Zg=", "Zm8", "=", "====", "Z===", "Zg==Zg==", "Zh==", "Zm9=", "Zm9v\n",
          "Zm9v\r\n==", "Zm 9v", "Zm9-", "Zm9_", "Zm\xff\xff"}) {
        CAPTURE(bad);
        CHECK_FALSE(base64_decode(bad));
    }
}

TEST_CASE("digest credentials of the WS-Man reference, section 7.1, in base64") {
    CHECK(base64_encode(*parse_hex("00ee6687aae646241e2aa3ba0a3ee0b8")) ==
          "AO5mh6rmRiQeKqO6Cj7guA==");
    CHECK(base64_encode(*parse_hex("7fb81e5568689ce9631b2b01e378a0e1")) ==
          "f7geVWhonOljGysB43ig4Q==");
}

TEST_CASE("times are written in UTC with milliseconds") {
    CHECK(rfc3339(at(0)) == "1970-01-01T00:00:00.000Z");
    CHECK(rfc3339(at(1787378401482)) == "2026-08-22T06:00:01.482Z");
    CHECK(rfc3339(at(951827696005)) == "2000-02-29T12:34:56.005Z");
    CHECK(rfc3339(at(-1)) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("the HTTP date is that of RFC 7231, section 7.1.1.1") {
    CHECK(http_date(at(784111777000)) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(http_date(at(1770026400999)) == "Mon, 02 Feb 2026 10:00:00 GMT");
}

TEST_CASE("durations have one of four units") {
    CHECK(parse_duration("500ms") == 500ms);
    CHECK(parse_duration("3s") == 3s);
    CHECK(parse_duration("2m") == 2min);
    CHECK(parse_duration("1h") == 1h);
    CHECK(parse_duration("7d") == 7 * 24h);
    CHECK(parse_duration("2w") == 14 * 24h);
    CHECK(parse_duration("8784h") == longest_duration);
    CHECK(parse_duration("366d") == longest_duration);
    for (const std::string_view bad :
         {"", "s", "0s", "0ms", "3", "3 s", "3S", "-3s", "1.5s", "3y", "3sm", "8785h", "367d",
          "53w", "18446744073709551615h", "99999999999999999999s"}) {
        CAPTURE(bad);
        CHECK_FALSE(parse_duration(bad));
    }
}

TEST_CASE("a UUID of SMBIOS has its first three groups little-endian") {
    const Bytes bytes =
        *parse_hex("33221100554477668899aabbccddeeff");  // SMBIOS 3.7, section 7.2.1
    CHECK(uuid_from_smbios(bytes) == "00112233-4455-6677-8899-aabbccddeeff");
    CHECK(uuid_to_smbios("00112233-4455-6677-8899-aabbccddeeff") == bytes);
    CHECK(uuid_to_smbios("00112233-4455-6677-8899-AABBCCDDEEFF") == bytes);
}

TEST_CASE("what is no UUID is refused") {
    for (const std::string_view bad :
         {"", "00112233-4455-6677-8899-aabbccddeef", "00112233-4455-6677-8899-aabbccddeeff0",
          "0011223-34455-6677-8899-aabbccddeeff", "00112233445566778899aabbccddeeff",
          "{00112233-4455-6677-8899-aabbccddeeff}", "0011223g-4455-6677-8899-aabbccddeeff",
          "00112233-4455-6677-8899-aabbccddeeff-"}) {
        CAPTURE(bad);
        CHECK_FALSE(uuid_to_smbios(bad));
    }
    CHECK(uuid_from_smbios(Bytes(15)) == "");
    CHECK(uuid_from_smbios(Bytes(17)) == "");
}

TEST_CASE("the nearest word helps with a slip of the finger and keeps quiet otherwise") {
    const Strings verbs{"on", "off", "reset", "cycle", "status", "soft-off"};
    struct Row {
        std::string_view word;
        std::string_view nearest;
    };
    for (const Row& row :
         {Row{"rest", "reset"}, Row{"restet", "reset"}, Row{"STATUS", "status"},
          Row{"sttaus", "status"}, Row{"cylce", "cycle"}, Row{"of", "off"},
          Row{"softoff", "soft-off"}, Row{"hibernate", ""}, Row{"", ""}, Row{"xyz", ""}}) {
        CAPTURE(row.word);
        CHECK(nearest(row.word, verbs) == row.nearest);
    }
    CHECK(nearest("on", {}) == "");
    CHECK(nearest(std::string(100'000, 'a'), {"a"}) == "");
}

TEST_CASE("what a device says cannot steer the terminal") {
    struct Row {
        std::string_view said;
        std::string_view shown;
    };
    for (const Row& row : {
             Row{"", ""},
             Row{"pc07 (lab), 100 %", "pc07 (lab), 100 %"},
             Row{"a\x1b[2Jb\nc\x7f", "a?[2Jb?c?"},
             Row{"tab\tbell\a\r\b", "tab?bell???"},
             Row{"Ger\u00e4t \u2603 \U0001f600", "Ger\u00e4t \u2603 \U0001f600"},
             Row{"\u009b2J \u0085", "?2J ?"},  // C1 as characters
             Row{"\x9b"
                 "2J \x90q\x9c",
                 "?2J ?q?"},                                    // C1 as bytes
             Row{"\u202etxt.exe\u202c", "?txt.exe?"},           // overrides
             Row{"\u2066a\u2069\u200e\u200f\u061c", "?a????"},  // isolates and marks
             Row{"a\u2028b\u2029c", "a?b?c"},
             Row{"p\u200bc\u00ad\ufeff\u2060", "p?c???"},  // what cannot be seen
             Row{"\U000e0041\ufe0f\u3164", "???"},
             Row{"\ufffe\uffff\ufdd0\U0001ffff", "????"},  // noncharacters
             Row{"\xc0\x9b\xe0\x82\x9b", "?????"},         // overlong
             Row{"\xed\xa0\x9b", "???"},                   // a surrogate
             Row{"\xf4\x90\x80\x80\xf8\x88", "??????"},    // above U+10FFFF
             Row{"\xe2\x82", "?"},                         // cut short
             Row{"\xe2\x82\x1b[2J", "??[2J"},
             Row{"\xc3\xa4\xc3", "\u00e4?"},
         }) {
        CAPTURE(row.said);
        CHECK(harmless(std::string(row.said)) == row.shown);
    }
    CHECK(harmless(std::string("a\0b", 3)) == "a?b");
}
