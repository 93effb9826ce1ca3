#include "codec/asf/presence.h"
#include "support/hex.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::codec;
using asf::AmtPresence;
using test::hex;

namespace {

/// Reference discovery-posture, section 12.2.
struct AmtVector {
    const char* what;
    const char* bytes;
    AmtPresence says;
};
const AmtVector amt_vectors[] = {
    {"7.1 without TLS",
     "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 01 57 42 60 71 02 00 20 00 00 00 00 00 00",
     {16992, 7, 1, AmtPresence::State::configured, false, true}},
    {"11.8 with both ports",
     "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 01 57 42 61 b8 06 00 20 00 00 00 00 00 00",
     {16993, 11, 8, AmtPresence::State::configured, true, true}},
    {"16.1, its version behind",
     "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 01 57 42 61 00 02 00 20 10 01 00 00 00 00",
     {16993, 16, 1, AmtPresence::State::configured, false, true}},
    {"8.0 that is not set up",
     "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 01 57 00 00 80 00 00 20 00 00 00 00 00 00",
     {0, 8, 0, AmtPresence::State::not_configured, false, true}},
    {"12.0 in setup",
     "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 01 57 42 61 c0 01 00 20 00 00 00 00 00 00",
     {16993, 12, 0, AmtPresence::State::in_setup, false, true}},
};
constexpr const char* old_amt =  // 4.0, DASH bit among the entities
    "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 01 57 42 60 40 02 20 00 00 00 00 00 00 00";
constexpr const char* controller =
    "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 11 be 00 00 00 00 81 00 00 00 00 00 00 00";
constexpr const char* ping = "06 00 ff 06 00 00 11 be 80 07 00 00";

}  // namespace

TEST_CASE("a ping is the twelve bytes of the reference") {
    CHECK(asf::encode(asf::Ping{asf::no_acknowledgement, 7}) == hex(ping));
    CHECK(asf::encode(asf::Ping{0, 7}) == hex("06 00 00 06 00 00 11 be 80 07 00 00"));
    CHECK(take(asf::decode_ping(hex(ping))) == asf::Ping{asf::no_acknowledgement, 7});
}

TEST_CASE("the pong of an AMT device tells port, version and state") {
    for (const auto& each : amt_vectors) {
        CAPTURE(each.what);
        const asf::Pong pong = take(asf::decode_pong(hex(each.bytes)));
        CHECK(pong.tag == 7);
        CHECK(asf::amt_presence(pong) == each.says);
        CHECK(asf::encode(pong) == hex(each.bytes));
        asf::Pong made = asf::amt_pong(each.says);
        made.tag = 7;
        CHECK(asf::encode(made) == hex(each.bytes));
    }
    const auto old = asf::amt_presence(take(asf::decode_pong(hex(old_amt))));
    CHECK(old == AmtPresence{16992, 4, 0, AmtPresence::State::configured, false, true});
}

TEST_CASE("the pong of another controller is none of AMT") {
    const asf::Pong pong = take(asf::decode_pong(hex(controller)));
    CHECK(pong.enterprise == asf::enterprise_asf);
    CHECK(pong.entities == (asf::entity_ipmi | asf::entity_asf_1_0));
    CHECK(pong.interactions == 0);
    CHECK(!asf::amt_presence(pong));
    CHECK(asf::encode(pong) == hex(controller));
}

TEST_CASE("every prefix of a ping or pong is an error, never a crash") {
    const Bytes whole_pong = hex(amt_vectors[0].bytes);
    for (std::size_t n = 0; n < whole_pong.size(); ++n) {
        CAPTURE(n);
        CHECK(asf::decode_pong(View(whole_pong).first(n)).error().code == "protocol.asf_short");
    }
    const Bytes whole_ping = hex(ping);
    for (std::size_t n = 0; n < whole_ping.size(); ++n) {
        CAPTURE(n);
        CHECK(asf::decode_ping(View(whole_ping).first(n)).error().code == "protocol.asf_short");
    }
}

TEST_CASE("what is no pong is refused") {
    struct {
        const char* what;
        std::size_t offset;
        std::uint8_t value;
    } const changes[] = {{"another RMCP version", 0, 5},
                         {"an acknowledgement", 3, 0x86},
                         {"class IPMI", 3, 7},
                         {"another definition", 7, 0},
                         {"a ping's type", 8, 0x80},
                         {"capabilities", 8, 0x41},
                         {"data shorter than said", 11, 15}};
    for (const auto& each : changes) {
        CAPTURE(each.what);
        Bytes bytes = hex(controller);
        bytes[each.offset] = std::byte{each.value};
        CHECK(asf::decode_pong(bytes).error().code == "protocol.asf");
    }
}

TEST_CASE("what is no ping is refused") {
    for (const char* text :
         {"06 00 ff 07 00 00 11 be 80 07 00 00", "06 00 ff 06 00 00 11 bf 80 07 00 00",
          "06 00 ff 06 00 00 11 be 40 07 00 00", "06 00 ff 06 00 00 11 be 80 07 00 01",
          "06 00 ff 06 00 00 11 be 80 07 00 00 00", "06 00 ff 86 00 00 11 be 80 07 00 00"}) {
        CAPTURE(text);
        CHECK(asf::decode_ping(hex(text)).error().code == "protocol.asf");
    }
}

TEST_CASE("bytes behind a pong are let pass") {
    Bytes longer = hex(controller);
    longer.resize(longer.size() + 36);
    CHECK(take(asf::decode_pong(longer)) == take(asf::decode_pong(hex(controller))));
}
