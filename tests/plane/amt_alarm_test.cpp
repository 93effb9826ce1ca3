#include "core/text.h"
#include "net/deadline.h"
#include "plane/amt/alarm.h"
#include "plane/amt/device.h"
#include "support/fleet.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace std::chrono_literals;
using net::Task;
using plane::Alarm;

namespace {

constexpr const char* address = "127.77.8.1";

/// In whole minutes, as the plane takes it.
std::string in(std::chrono::minutes time) {
    const std::string text = rfc3339(std::chrono::system_clock::now() + time);
    return text.substr(0, 16) + ":00Z";
}

void with_alarms(std::function<Task<void>(plane::Alarms&)> body,
                 std::chrono::seconds clock_ahead = 0s) {
    const auto ran = test::with_fleet("15.0", [&](sim::Fleet& fleet) -> Task<void> {
        if (clock_ahead != 0s)
            take(fleet.device(address)->set("clock_offset_s", Value(clock_ahead.count())));
        Findings findings;
        plane::Access access;
        access.target = take(parse_target(std::string("amt+tcp://") + address + ":" +
                                          std::to_string(fleet.ports().http)));
        access.user = "admin";
        access.password = Secret(std::string(test::fleet_password));
        access.dial = net::direct({});
        access.findings = &findings;
        const auto device = plane::open(std::move(access));
        co_await body(*device->alarms());
    });
    if (!ran) FAIL_CHECK(ran.error().message);
    CHECK(ran);
}

}  // namespace

TEST_CASE("intervals have the form of the reference, and other forms are refused") {
    CHECK(plane::amt::interval_text(24h) == "P1DT0H0M");
    CHECK(plane::amt::interval_text(90min) == "P0DT1H30M");
    const std::pair<std::string_view, std::optional<std::chrono::minutes>> cases[] = {
        {"P1DT0H0M", 24h},
        {"P0DT1H30M", 90min},
        {"P1DT0H0M0S", 24h},
        {"PT5M", 5min},
        {"P", 0min},
        {"", std::nullopt},
        {"1D", std::nullopt},
        {"P1", std::nullopt},
        {"P1H", std::nullopt},
        {"PT1D", std::nullopt},
        {"P99999D", std::nullopt},
        {"PT1S", std::nullopt},
        {"P1X", std::nullopt},
        {"PTT1M", std::nullopt},
        {"P99999999999999999999D", std::nullopt}};
    for (const auto& [text, interval] : cases) {
        CAPTURE(text);
        CHECK(plane::amt::parse_interval(text) == interval);
    }
}

TEST_CASE("alarms are added, listed as they were given, and deleted") {
    with_alarms([](plane::Alarms& alarms) -> Task<void> {
        std::vector<Alarm> present;
        bool sent = false;
        const Alarm daily{"backup", in(120min), 24h};
        co_await alarms.add(daily, present, sent);
        CHECK(sent);
        REQUIRE(present.size() == 1);
        CHECK(present[0].name == "backup");
        CHECK(present[0].at == daily.at);
        CHECK(present[0].every == std::chrono::minutes(24h));
        co_await alarms.add({"once", in(30min)}, present, sent);
        REQUIRE(present.size() == 2);
        sent = false;
        co_await alarms.remove("backup", present, sent);
        CHECK(sent);
        REQUIRE(present.size() == 1);
        CHECK(present[0].name == "once");
        CHECK_FALSE(present[0].every);
    });
}

TEST_CASE("what is there already is left alone, and another of that name is an error") {
    with_alarms([](plane::Alarms& alarms) -> Task<void> {
        std::vector<Alarm> present;
        bool sent = false;
        const Alarm alarm{"a", in(60min)};
        co_await alarms.add(alarm, present, sent);
        sent = false;
        co_await alarms.add(alarm, present, sent);
        CHECK_FALSE(sent);
        const auto other = co_await net::attempt(alarms.add({"a", in(90min)}, present, sent));
        REQUIRE(!other);
        CHECK(other.error().code == "alarm.exists");
        CHECK_FALSE(sent);
        co_await alarms.remove("unknown", present, sent);
        CHECK_FALSE(sent);
        CHECK(present.size() == 1);
    });
}

TEST_CASE("the sixth alarm is refused in the device's own words") {
    with_alarms([](plane::Alarms& alarms) -> Task<void> {
        std::vector<Alarm> present;
        bool sent = false;
        for (const char* name : {"1", "2", "3", "4", "5"})
            co_await alarms.add({name, in(60min)}, present, sent);
        sent = false;
        const auto sixth = co_await net::attempt(alarms.add({"6", in(60min)}, present, sent));
        REQUIRE(!sixth);
        CHECK(sixth.error().code == "wsman.quota");
        CHECK_FALSE(sent);
        CHECK(present.size() == 5);
    });
}

TEST_CASE("a time that is out of bounds by the device's clock is told as such") {
    struct Row {
        std::chrono::seconds ahead;
        const char* says;
    };
    for (const Row& row : {Row{24h, "in the past"}, Row{-24h * 400, "more than a year ahead"}}) {
        CAPTURE(row.says);
        with_alarms(
            [&](plane::Alarms& alarms) -> Task<void> {
                std::vector<Alarm> present;
                bool sent = false;
                const auto added =
                    co_await net::attempt(alarms.add({"a", in(60min)}, present, sent));
                REQUIRE(!added);
                CHECK(added.error().kind == Class::precondition);
                CHECK(added.error().code == "alarm.clock");
                CHECK(added.error().message.contains(row.says));
                CHECK(added.error().native.find("http"));
                CHECK_FALSE(sent);
            },
            row.ahead);
    }
}
