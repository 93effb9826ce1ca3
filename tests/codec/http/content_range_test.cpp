#include "codec/http/content_range.h"

#include <doctest/doctest.h>

#include <string>

using namespace oob;
using codec::http::ContentRange;
using codec::http::decode_content_range;

TEST_CASE("a range is read as RFC 9110 writes it, with its size or without") {
    // RFC 9110, section 14.4.
    CHECK(decode_content_range("bytes 42-1233/1234") == ContentRange{42, 1233, 1234});
    CHECK(decode_content_range("bytes 42-1233/*") == ContentRange{42, 1233, std::nullopt});
    CHECK(decode_content_range("bytes 734-1233/1234")->length() == 500);
    CHECK(decode_content_range("BYTES 0-0/1") == ContentRange{0, 0, 1});
    CHECK(decode_content_range("bytes 0-18446744073709551614/18446744073709551615")->last ==
          18446744073709551614U);
}

TEST_CASE("what is no range, or contradicts itself, is none") {
    for (const char* wrong : {"",
                              "bytes",
                              "bytes ",
                              "bytes */1234",
                              "bytes */*",
                              "42-1233/1234",
                              "bytes=42-1233/1234",
                              "items 0-1/2",
                              "bytes 0-1",
                              "bytes 0/1",
                              "bytes -1/2",
                              "bytes 0-/2",
                              "bytes 0-1/",
                              "bytes 0-1/1",
                              "bytes 2-1/5",
                              "bytes 0-4/4",
                              "bytes +0-1/2",
                              "bytes 0-+1/2",
                              "bytes 0x0-1/2",
                              "bytes 0-1/2x",
                              "bytes  0-1/2",
                              "bytes 0 -1/2",
                              "bytes 0-1 /2",
                              "bytes 0-1/ 2",
                              "bytes 0-1/2 ",
                              "bytes 0-1/2, bytes 3-4/5",
                              "bytes 0-1/-2",
                              "bytes 0-18446744073709551615/*",
                              "bytes 0-18446744073709551616/*",
                              "bytes 0-1/18446744073709551616"}) {
        CAPTURE(wrong);
        const auto range = decode_content_range(wrong);
        REQUIRE(!range);
        CHECK(range.error().kind == Class::protocol);
        CHECK(range.error().code == "http.content_range");
        CHECK(!range.error().hint.empty());
    }
}
