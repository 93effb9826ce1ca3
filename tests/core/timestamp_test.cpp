#include "core/timestamp.h"

#include <doctest/doctest.h>

using namespace oob;

TEST_CASE("a time is read with every offset and as people write it") {
    struct Row {
        const char* text;
        const char* utc;
    };
    for (const Row& row : {Row{"2026-12-01T06:00:00Z", "2026-12-01T06:00:00Z"},
                           Row{"2026-12-01T06:00:00+01:00", "2026-12-01T05:00:00Z"},
                           Row{"2026-12-01t06:00:00z", "2026-12-01T06:00:00Z"},
                           Row{"2026-12-01 06:00-05:30", "2026-12-01T11:30:00Z"},
                           Row{"2026-12-31T23:30-01:00", "2027-01-01T00:30:00Z"},
                           Row{"2026-12-01T06:00:07.250Z", "2026-12-01T06:00:07Z"},
                           Row{"2028-02-29T00:00Z", "2028-02-29T00:00:00Z"},
                           Row{"1970-01-01T00:00-00:00", "1970-01-01T00:00:00Z"},
                           Row{"2261-12-31T23:59-23:59", "2262-01-01T23:58:00Z"}}) {
        CAPTURE(row.text);
        const auto time = parse_timestamp(row.text);
        REQUIRE(time);
        CHECK(to_seconds(*time) == row.utc);
    }
}

TEST_CASE("what is no time, or leaves the offset open, is told from one") {
    for (const char* text : {"",
                             "tomorrow",
                             "2026-12-01",
                             "2026-12-01T06:00",
                             "2026-12-01T06:00:00",
                             "06:00Z",
                             "2026-02-30T06:00Z",
                             "2026-13-01T06:00Z",
                             "2026-12-01T24:00Z",
                             "2026-12-01T06:60Z",
                             "2026-12-01T06:00:60Z",
                             "2026-12-01T06:00:00.Z",
                             "2026-12-01T06:00+1:00",
                             "2026-12-01T06:00+0100",
                             "2026-12-01T06:00+24:00",
                             "2026-12-01T06:00Z ",
                             " 2026-12-01T06:00Z",
                             "2026-12-01T06:00ZZ",
                             "2026-12-1T06:00Z",
                             "+026-12-01T06:00Z",
                             "2026-12-01T06:00 CET",
                             "1969-12-31T23:59Z",
                             "2262-01-01T00:00Z",
                             "2999-01-31T07:00Z",
                             "2026-12-01  06:00Z",
                             "2026-12-01T-1:00Z"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_timestamp(text));
    }
    CHECK(lacks_offset("2026-12-01 06:00"));
    CHECK(lacks_offset("2026-12-01T06:00:00"));
    CHECK_FALSE(lacks_offset("2026-12-01T06:00Z"));
    CHECK_FALSE(lacks_offset("2026-02-30T06:00"));
    CHECK_FALSE(lacks_offset("tomorrow"));
}

TEST_CASE("every beginning of a time is none") {
    const std::string_view whole = "2026-12-01T06:00:00+01:00";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        CHECK_FALSE(parse_timestamp(whole.substr(0, size)));
    }
}
