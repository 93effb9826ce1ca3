#include "codec/rmcp/authentication.h"
#include "support/hex.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::codec;
using rmcp::AuthenticationCapabilities;
using rmcp::AuthenticationQuery;
using test::hex;

namespace {

/// Reference discovery-posture, section 12.3.
struct QueryVector {
    const char* bytes;
    AuthenticationQuery query;
};
const QueryVector queries[] = {
    {"06 00 ff 07 00 00 00 00 00 00 00 00 00 09 20 18 c8 81 00 38 8e 04 b5",
     {0, rmcp::this_channel, true, rmcp::Privilege::administrator}},
    {"06 00 ff 07 00 00 00 00 00 00 00 00 00 09 20 18 c8 81 14 38 0e 02 23",
     {5, rmcp::this_channel, false, rmcp::Privilege::user}},
};

/// Section 12.4.
struct AnswerVector {
    const char* what;
    const char* bytes;
    AuthenticationCapabilities answer;
    bool ipmi_2_0;
    bool ipmi_1_5;
};
const AnswerVector answers[] = {
    {"2.0 only, named users",
     "06 00 ff 07 00 00 00 00 00 00 00 00 00 10 81 1c 63 20 00 38 00 01 80 04 02 00 00 00 00 21",
     {0, 0, 1, 0x80, 0x04, 0x02, 0, 0},
     true,
     false},
    {"old and weak",
     "06 00 ff 07 00 00 00 00 00 00 00 00 00 10 81 1c 63 20 00 38 00 01 97 1f 03 00 00 00 00 ee",
     {0, 0, 1, 0x97, 0x1f, 0x03, 0, 0},
     true,
     true},
    {"with OEM types of vendor 674",
     "06 00 ff 07 00 00 00 00 00 00 00 00 00 10 81 1c 63 20 00 38 00 01 a4 24 03 a2 02 00 00 38",
     {0, 0, 1, 0xa4, 0x24, 0x03, 674, 0},
     true,
     true},
    {"1.5 only",
     "06 00 ff 07 00 00 00 00 00 00 00 00 00 10 81 1c 63 20 14 38 00 01 15 04 00 00 00 00 00 7a",
     {5, 0, 1, 0x15, 0x04, 0, 0, 0},
     false,
     true},
    {"a refusal",
     "06 00 ff 07 00 00 00 00 00 00 00 00 00 08 81 1c 63 20 00 38 cc dc",
     {0, rmcp::invalid_data, 0, 0, 0, 0, 0, 0},
     false,
     false},
};

}  // namespace

TEST_CASE("a request is the 23 bytes of the reference") {
    for (const auto& each : queries) {
        CAPTURE(each.bytes);
        CHECK(rmcp::encode(each.query) == hex(each.bytes));
        CHECK(take(rmcp::decode_query(hex(each.bytes))) == each.query);
    }
}

TEST_CASE("answers of different controllers are read and written") {
    for (const auto& each : answers) {
        CAPTURE(each.what);
        const auto answer = take(rmcp::decode_capabilities(hex(each.bytes)));
        CHECK(answer == each.answer);
        CHECK(answer.ipmi_2_0() == each.ipmi_2_0);
        CHECK(answer.ipmi_1_5() == each.ipmi_1_5);
        CHECK(rmcp::encode(each.answer) == hex(each.bytes));
    }
}

TEST_CASE("every prefix of a request or an answer is an error, never a crash") {
    for (const auto& each : queries) {
        const Bytes whole = hex(each.bytes);
        for (std::size_t n = 0; n < whole.size(); ++n) {
            CAPTURE(n);
            CHECK(rmcp::decode_query(View(whole).first(n)).error().code == "protocol.ipmi_short");
        }
    }
    for (const auto& each : answers) {
        const Bytes whole = hex(each.bytes);
        for (std::size_t n = 0; n < whole.size(); ++n) {
            CAPTURE(n);
            CHECK(rmcp::decode_capabilities(View(whole).first(n)).error().code ==
                  "protocol.ipmi_short");
        }
    }
}

TEST_CASE("a change of any byte that the checksums cover is noticed") {
    for (std::size_t at = 14; at < hex(answers[0].bytes).size(); ++at) {
        CAPTURE(at);
        Bytes bytes = hex(answers[0].bytes);
        bytes[at] ^= std::byte{0x40};
        CHECK(rmcp::decode_capabilities(bytes).error().code == "protocol.ipmi_checksum");
    }
}

TEST_CASE("a message of another kind is refused") {
    struct {
        const char* what;
        std::size_t offset;
        std::uint8_t value;
    } const changes[] = {{"another RMCP version", 0, 5},
                         {"class ASF", 3, 6},
                         {"RMCP+ framing", 4, 6},
                         {"a session", 12, 1}};
    for (const auto& each : changes) {
        CAPTURE(each.what);
        Bytes bytes = hex(answers[0].bytes);
        bytes[each.offset] = std::byte{each.value};
        CHECK(rmcp::decode_capabilities(bytes).error().code == "protocol.ipmi");
    }
    CHECK(rmcp::decode_capabilities(hex(queries[0].bytes)).error().code == "protocol.ipmi");
    CHECK(rmcp::decode_query(hex(answers[0].bytes)).error().code == "protocol.ipmi");
    // Get Channel Cipher Suites and Get System GUID, section 12.5: right in every way, but other
    // commands.
    CHECK(rmcp::decode_query(hex("06 00 ff 07 00 00 00 00 00 00 00 00 00 0a 20 18 c8 81 04 54 0e "
                                 "00 80 99"))
              .error()
              .code == "protocol.ipmi");
    CHECK(rmcp::decode_capabilities(hex("06 00 ff 07 00 00 00 00 00 00 00 00 00 08 81 1c 63 20 10 "
                                        "37 d4 c5"))
              .error()
              .code == "protocol.ipmi");
}
