#include "codec/redirection/frame.h"
#include "codec/redirection/session.h"
#include "codec/redirection/sol.h"
#include "redirection_client.h"
#include "server_rig.h"
#include "support/hex.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::sim::test;
using namespace oob::codec::redirection;
using oob::test::hex;

namespace {

constexpr const char* address = RedirectionClient::address;

/// A session that is open, with its first messages read.
void open(RedirectionClient& console) {
    REQUIRE(console.start() == 0);
    REQUIRE(console.log_in() == authenticate_success);
    console.send(encode(SolStart{}));
    CHECK(decode_sol_start_reply(console.next()).value().status == 0);
    const auto controls = decode_sol_controls(console.next()).value();
    CHECK((controls.status & sol_status_power) != 0);
}

void set(Rig& rig, std::string_view key, const Value& value) {
    rig.on_loop([&](sim::Fleet& fleet) { REQUIRE(fleet.device(address)->set(key, value)); });
}

}  // namespace

TEST_CASE("a session that may not start says why in thirteen bytes, and the connection ends") {
    Rig rig;
    struct Row {
        const char* key;
        Value value;
        Protocol protocol;
        StartStatus status;
    };
    for (const Row& row :
         {Row{"redirection.sol", false, Protocol::sol, StartStatus::disabled},
          Row{"redirection.ider", false, Protocol::ider, StartStatus::disabled},
          Row{"control_mode", "client", Protocol::sol, StartStatus::consent_required}}) {
        CAPTURE(row.key);
        set(rig, row.key, row.value);
        RedirectionClient console(rig);
        console.send(encode(StartSession{row.protocol}));
        const Bytes reply = console.next();
        CHECK(reply.size() == 13);
        CHECK(decode_start_session_reply(reply).value().status ==
              static_cast<std::uint8_t>(row.status));
        CHECK(console.next().empty());
        set(rig, "redirection.sol", true);
        set(rig, "redirection.ider", true);
    }
}

TEST_CASE("an unknown kind of session is status 1, and a login before the start is the end") {
    Rig rig;
    RedirectionClient unknown(rig);
    unknown.send(hex("10 00 00 00 58 59 5a 20"));
    CHECK(decode_start_session_reply(unknown.next()).value().status == 1);
    RedirectionClient early(rig);
    early.send(encode(Authenticate{}));
    CHECK(early.next().empty());
}

TEST_CASE("newer firmware lists digest alone, older takes the password in clear too") {
    Rig rig([](auto& options) {
        options.personalities = {take(sim::Personality::builtin("15.0")),
                                 take(sim::Personality::builtin("9.1"))};
    });
    const auto listed = [&](const char* host) {
        RedirectionClient console(rig, host);
        REQUIRE(console.start() == 0);
        console.send(encode(Authenticate{}));
        return decode_authenticate_reply(console.next()).value().data;
    };
    CHECK(listed("127.77.9.0") == hex("04"));
    CHECK(listed("127.77.9.1") == hex("01 04"));
}

TEST_CASE("a wrong password is told once, and the connection ends") {
    Rig rig;
    RedirectionClient console(rig);
    REQUIRE(console.start() == 0);
    CHECK(console.log_in("not it") == authenticate_failed);
    CHECK(console.next().empty());
    CHECK(rig.last_entry(address).event == sim::JournalEntry::Event::session_refused);
}

TEST_CASE("a console shows what the host prints, and the host hears what is typed") {
    Rig rig;
    RedirectionClient console(rig);
    open(console);
    console.type("\r");
    CHECK(console.read_until("login: ").find("login: ") != std::string::npos);
    console.type("root\rsecret\recho one two\r");
    CHECK(console.read_until("\r\none two\r\n").find("Welcome, root") != std::string::npos);
    console.type("flood 100000\r");
    const std::string flood = console.read_until("root@");
    CHECK(flood.find("000000000000000\n000000000000001\n") != std::string::npos);
    CHECK(flood.find("000000000006249\n") != std::string::npos);
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    console.type("raw 256\r");
    console.read_until("raw 256\r\n");
    console.type(all);
    CHECK(console.read_until(all).find(all) != std::string::npos);
}

TEST_CASE("a second session of the kind is busy, and the first one goes on") {
    Rig rig;
    RedirectionClient first(rig);
    open(first);
    RedirectionClient second(rig);
    CHECK(second.start() == static_cast<std::uint8_t>(StartStatus::busy));
    first.type("\r");
    CHECK(!first.read_until("login: ").empty());
}

TEST_CASE("power is told, and a start prints from its first line on") {
    Rig rig;
    RedirectionClient console(rig);
    open(console);
    set(rig, "power", "off");
    CHECK((decode_sol_controls(console.next()).value().status & sol_status_power) == 0);
    set(rig, "power", "on");
    CHECK((decode_sol_controls(console.next()).value().status & sol_status_power) != 0);
}

TEST_CASE("switching redirection off ends the session") {
    Rig rig;
    RedirectionClient console(rig);
    open(console);
    set(rig, "redirection.listener", false);
    CHECK(console.next().empty());
}

TEST_CASE("pings are answered, and an end is confirmed") {
    Rig rig;
    RedirectionClient console(rig);
    open(console);
    console.send(encode_bare(Code::sol_ping, 7));
    CHECK(code_of(console.next()) == Code::sol_pong);
    console.send(encode_bare(Code::sol_end, 8));
    CHECK(code_of(console.next()) == Code::sol_end_reply);
    console.send(encode_end_session());
    CHECK(console.next().empty());
    // The device writes it down once it has closed.
    const auto ended = [&] {
        const auto entries = rig.journal(address);
        return entries.back().event == sim::JournalEntry::Event::session_ended;
    };
    for (int i = 0; i < 6'000 && !ended(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(ended());
}
