#include "codec/wsman/event_record.h"

#include "core/text.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::codec::wsman;

namespace {

struct Sample {
    std::string_view text;
    EventRecord record;
};

const Sample samples[] = {
    // Reference wsman, section 8.1.
    {"w7KhZf8PbwJoAf8mAEATAAAAAAAA",
     {.time = 0x65a1b2c3,
      .sensor = 15,
      .offset = 2,
      .severity = 1,
      .entity = 38,
      .data = {0x40, 19}}},
    // Recorded of real firmware (go-wsman-messages, amt/messagelog/getrecords.xml).
    {"Y8iYZf8GbwVoEP8mYaoKAAAAAAAA",
     {.time = 1'704'511'587,
      .sensor = 6,
      .offset = 5,
      .severity = 16,
      .entity = 38,
      .entity_instance = 0x61,
      .data = {0xaa, 0x0a}}},
    {"IgYBZf8PbwJoAf8iAEAHAAAAAAAA",
     {.time = 1'694'565'922,
      .sensor = 15,
      .offset = 2,
      .severity = 1,
      .entity = 34,
      .data = {0x40, 7}}},
};

}  // namespace

TEST_CASE("records of the reference and of real firmware are read, and written again") {
    for (const Sample& sample : samples) {
        CAPTURE(sample.text);
        const auto record = decode_event_record(base64_decode(sample.text).value());
        REQUIRE(record);
        CHECK(*record == sample.record);
        CHECK(record->real());
        CHECK(base64_encode(encode_event_record(*record)) == sample.text);
    }
}

TEST_CASE("every other size is an error, never a crash") {
    Bytes bytes = base64_decode(samples[0].text).value();
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        CAPTURE(n);
        CHECK(decode_event_record(View(bytes).first(n)).error().kind == Class::protocol);
    }
    bytes.push_back(std::byte{0});
    CHECK(decode_event_record(bytes).error().code == "event_record.size");
}

TEST_CASE("the padding of a log that was cleared is no record") {
    CHECK_FALSE(decode_event_record(Bytes(event_record_size, std::byte{0})).value().real());
    CHECK_FALSE(decode_event_record(Bytes(event_record_size, std::byte{0xff})).value().real());
}
