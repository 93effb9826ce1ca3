#include "core/text.h"
#include "sim/server_rig.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <future>
#include <memory>
#include <set>
#include <vector>

using namespace oob;
using namespace oob::sim::test;

TEST_CASE("ranges of addresses are read, and others refused with a hint") {
    struct {
        const char* text;
        std::uint32_t size;
    } const good[] = {
        {"127.77.0.0/16", 65536}, {"127.77.0.0/24", 256}, {"10.0.0.7/32", 1}, {"10.0.0.7", 1}};
    for (const auto& each : good) {
        CAPTURE(each.text);
        const auto range = sim::AddressRange::parse(each.text);
        REQUIRE(range.has_value());
        CHECK(range->size() == each.size);
        for (const std::uint32_t number : {0U, each.size - 1})
            CHECK(range->number(range->address(number)) == number);
        CHECK(!range->number("127.78.0.0"));
        CHECK(!range->number("rubbish"));
    }
    for (const char* text :
         {"", "127.77.0.0/15", "127.77.0.0/33", "127.77.0.1/24", "127.77.0/24", "127.77.0.256/32",
          "127.77.0.010", "0x7f.77.0.1", "::1/128", "127.77.0.0/24x", "127.77.0.0/"}) {
        CAPTURE(text);
        const auto range = sim::AddressRange::parse(text);
        REQUIRE(!range.has_value());
        CHECK(range.error().code == "usage.listen");
        CHECK(!range.error().hint.empty());
    }
    CHECK(sim::AddressRange::parse("127.77.0.1/24").error().hint.find("127.77.0.0/24") !=
          std::string::npos);
}

TEST_CASE("an identity follows from the address alone and is like no other") {
    std::set<std::string> uuids;
    std::set<std::string> realms;
    std::set<std::string> macs;
    const auto range = take(sim::AddressRange::parse("127.77.0.0/20"));
    for (std::uint32_t i = 0; i < range.size(); ++i) {
        const auto identity = sim::make_identity(range.address(i), i);
        uuids.insert(identity.uuid);
        realms.insert(identity.digest_realm);
        macs.insert(identity.mac);
    }
    CHECK(uuids.size() == range.size());
    CHECK(realms.size() == range.size());
    CHECK(macs.size() == range.size());

    const auto identity = sim::make_identity("127.77.0.5", 5);
    CHECK(identity.uuid == sim::make_identity("127.77.0.5", 5).uuid);
    CHECK(uuid_to_smbios(identity.uuid).has_value());
    CHECK(identity.mac == "02:00:7f:4d:00:05");
    CHECK(identity.host_name == "pc-127-77-0-5");
    CHECK(identity.digest_realm.size() == 7 + 32);
}

TEST_CASE("the address that a connection was made to says which device answers") {
    Rig rig;
    const std::string one = get_challenge(rig, "127.77.9.1").challenge;
    const std::string two = get_challenge(rig, "127.77.9.2").challenge;
    CHECK(one.substr(0, 50) != two.substr(0, 50));
    CHECK(rig.journal("127.77.9.1").size() == 1);
    CHECK(rig.journal("127.77.9.2").size() == 1);
    rig.on_loop([](sim::Fleet& fleet) { CHECK(fleet.members().size() == 2); });
}

TEST_CASE("an address outside the fleet is reset") {
    Rig rig;
    RawClient client("127.77.9.16", rig.ports().http);
    client.send(post(envelope()));
    CHECK(client.read_to_end().empty());
    CHECK(client.was_reset());
    rig.on_loop([](sim::Fleet& fleet) {
        CHECK(fleet.members().empty());
        CHECK(fleet.device("127.77.9.16") == nullptr);
    });
}

TEST_CASE("a port that the device keeps closed is reset, and noted") {
    Rig rig(
        [](auto& options) { options.personalities = {take(sim::Personality::builtin("16.1"))}; });
    for (const std::uint16_t port : {rig.ports().http, rig.ports().redirection}) {
        RawClient client("127.77.9.1", port);
        CHECK(client.read_to_end().empty());
        CHECK(client.was_reset());
        CHECK(rig.last_entry("127.77.9.1").event == sim::JournalEntry::Event::refused);
    }
    RawClient client("127.77.9.1", rig.ports().https);
    CHECK(client.secure());
}

TEST_CASE("generations are dealt out by device number") {
    Rig rig([](auto& options) {
        options.personalities = {take(sim::Personality::builtin("11.8")),
                                 take(sim::Personality::builtin("15.0"))};
    });
    rig.on_loop([](sim::Fleet& fleet) {
        CHECK(fleet.device("127.77.9.0")->personality().name == "11.8");
        CHECK(fleet.device("127.77.9.1")->personality().name == "15.0");
        CHECK(fleet.device("127.77.9.2")->personality().name == "11.8");
    });
}

TEST_CASE("each device shows a certificate with its own host name") {
    Rig rig([](auto& options) { options.tls_keys = 2; });
    RawClient one("127.77.9.1", rig.ports().https);
    RawClient two("127.77.9.2", rig.ports().https);
    RawClient three("127.77.9.3", rig.ports().https);
    REQUIRE(one.secure());
    REQUIRE(two.secure());
    REQUIRE(three.secure());
    CHECK(one.server_name() == "pc-127-77-9-1");
    CHECK(two.server_name() == "pc-127-77-9-2");
    CHECK(one.server_key() != two.server_key());
    CHECK(one.server_key() == three.server_key());
}

TEST_CASE("a handshake that fails is noted") {
    Rig rig;
    RawClient client("127.77.9.1", rig.ports().https);
    client.send("GET / HTTP/1.1\r\n\r\n");
    client.read_to_end();
    CHECK(rig.last_entry("127.77.9.1").event == sim::JournalEntry::Event::handshake_failed);
}

TEST_CASE("the four ports stand in a row") {
    const Rig rig;
    CHECK(rig.ports().https == rig.ports().http + 1);
    CHECK(rig.ports().redirection == rig.ports().http + 2);
    CHECK(rig.ports().redirection_tls == rig.ports().http + 3);
}

TEST_CASE("the fleet refuses more connections than it may have") {
    Rig rig([](auto& options) { options.limits.connections = 2; });
    const RawClient one("127.77.9.1", rig.ports().http);
    const RawClient two("127.77.9.2", rig.ports().http);
    RawClient three("127.77.9.3", rig.ports().http);
    CHECK(three.read_to_end().empty());
    CHECK(three.was_reset());
}

TEST_CASE("the journal says what a device was asked, keeps secrets out and has an end") {
    Rig rig;
    Credentials login = get_challenge(rig, "127.77.9.1");
    RawClient client("127.77.9.1", rig.ports().http);
    for (std::size_t i = 0; i < sim::Journal::most_entries + 10; ++i) {
        client.send(post(envelope(), login.line(envelope())));
        REQUIRE(status(client.read_reply()) == 200);
    }
    const auto entries = rig.journal("127.77.9.1");
    REQUIRE(entries.size() == sim::Journal::most_entries);
    const auto& last = entries.back();
    CHECK(last.sequence == sim::Journal::most_entries + 11);
    CHECK(last.method == "POST");
    CHECK(last.target == "/wsman");
    CHECK(last.user == "admin");
    CHECK(last.login == "accepted");
    CHECK(last.status == 200);
    CHECK(last.request_bytes == envelope().size());
    CHECK(last.remote.starts_with("127."));
    REQUIRE(last.device.find("class") != nullptr);
    CHECK(last.device.find("class")->text() == "AMT_GeneralSettings");
    CHECK(sim::to_value(last).find("device")->find("operation")->text() == "get");
}

TEST_CASE("the journals of a fleet have an end together, and each device keeps its last entry") {
    Rig rig([](auto& options) { options.limits.journal_entries = 6; });
    for (int i = 0; i < 5; ++i) get_challenge(rig, "127.77.9.1");
    for (int i = 0; i < 5; ++i) get_challenge(rig, "127.77.9.2");
    get_challenge(rig, "127.77.9.3");
    CHECK(rig.journal("127.77.9.1").size() == 5);
    CHECK(rig.journal("127.77.9.2").size() == 1);
    CHECK(rig.last_entry("127.77.9.2").sequence == 10);
    CHECK(rig.journal("127.77.9.3").size() == 1);
    rig.on_loop([](sim::Fleet& fleet) { fleet.member("127.77.9.1")->clear_journal(); });
    for (int i = 0; i < 3; ++i) get_challenge(rig, "127.77.9.2");
    CHECK(rig.journal("127.77.9.2").size() == 4);
}

TEST_CASE("a fleet with connections in every state stops at once") {
    auto rig = std::make_unique<Rig>();
    Credentials login = get_challenge(*rig, "127.77.9.1");
    rig->set_fault("127.77.9.2", "latency=1h");
    rig->set_fault("127.77.9.3", "body=endless");
    RawClient idle("127.77.9.1", rig->ports().http);
    RawClient half("127.77.9.1", rig->ports().http);
    half.send("POST /wsman HT");
    RawClient waiting("127.77.9.2", rig->ports().http);
    waiting.send(post(envelope()));
    RawClient shaking("127.77.9.4", rig->ports().https);
    RawClient endless("127.77.9.3", rig->ports().http);
    Credentials other = get_challenge(*rig, "127.77.9.3");
    endless.send(post(envelope(), other.line(envelope())));
    endless.read_some();
    rig.reset();  // would wait for an hour otherwise
}

TEST_CASE("fleets that start at the same moment take no port from each other") {
    constexpr int at_once = 6;
    constexpr int rounds = 10;
    for (int round = 0; round < rounds; ++round) {
        std::vector<std::future<std::unique_ptr<Rig>>> starting;
        for (int i = 0; i < at_once; ++i)
            starting.push_back(
                std::async(std::launch::async, [] { return std::make_unique<Rig>(); }));
        std::vector<std::unique_ptr<Rig>> rigs;
        std::set<std::uint16_t> ports;
        for (auto& each : starting) {
            rigs.push_back(each.get());
            const sim::FleetPorts& its = rigs.back()->ports();
            ports.insert({its.http, its.https, its.redirection, its.redirection_tls});
        }
        CHECK(ports.size() == at_once * 4);
    }
}
