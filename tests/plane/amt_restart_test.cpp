#include "plane/amt/device.h"
#include "plane/opened_device.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace std::chrono_literals;
using net::Task;
using plane::PowerAction;
using plane::PowerWatch;

namespace {

constexpr const char* address = test::device_address;
using Opened = test::OpenedDevice;

std::string text_of(const Value& value, std::string_view key) {
    const Value* found = value.find(key);
    return found ? std::string(found->text()) : std::string();
}

/// The classes that were read or asked since the last request for a power state, in order.
std::vector<std::string> asked_since_request(sim::Fleet& fleet) {
    std::vector<std::string> classes;
    for (const auto& entry : fleet.journal(address)) {
        if (entry.device.is_null()) continue;
        if (text_of(entry.device, "method") == "RequestPowerStateChange")
            classes.clear();
        else
            classes.push_back(text_of(entry.device, "class"));
    }
    return classes;
}

auto firmware(std::string toml) {
    return [toml = std::move(toml)](sim::FleetOptions& options) {
        options.personalities = {take(sim::Personality::parse(toml, "test"))};
    };
}

/// Where the BIOS writes nothing into the event log.
const std::string silent = "[quirks]\nstart_events = false\n";

Task<PowerWatch> act(Opened& opened, PowerAction action, std::chrono::milliseconds limit = 30s) {
    PowerWatch watch;
    co_await opened.device->power()->apply(action, limit, watch);
    co_return watch;
}

/// Waits until the journal holds another read of the power than before; no verdict depends on when.
Task<void> next_look(sim::Fleet& fleet) {
    const auto looks = [&] {
        return std::ranges::count(asked_since_request(fleet),
                                  "CIM_AssociatedPowerManagementService");
    };
    const auto before = looks();
    while (looks() == before) co_await net::sleep_for(5ms);
}

}  // namespace

TEST_CASE("every restart in a row is proved, whatever the one before left behind") {
    for (const char* generation : {"7.1", "9.1", "11.8", "12.0", "15.0"}) {
        CAPTURE(generation);
        const auto ran = test::with_fleet(generation, [](sim::Fleet& fleet) -> Task<void> {
            Opened opened(fleet);
            for (const PowerAction action :
                 {PowerAction::reset, PowerAction::reset, PowerAction::cycle, PowerAction::cycle}) {
                const PowerWatch watch = co_await act(opened, action);
                CHECK(watch.sent);
                CHECK(watch.verified);
                CHECK(watch.warning.empty());
                CHECK(watch.after->power == "on");
            }
            CHECK(fleet.device(address)->host_starts() == 4);
        });
        CHECK(ran);
    }
}

TEST_CASE("the operating system's restart is proved twice in a row, too") {
    const auto ran = test::with_fleet("15.0", [](sim::Fleet& fleet) -> Task<void> {
        Opened opened(fleet);
        for (int i = 0; i < 2; ++i) {
            const PowerWatch watch = co_await act(opened, PowerAction::soft_reset);
            CHECK(watch.verified);
            CHECK(watch.warning.empty());
        }
    });
    CHECK(ran);
}

TEST_CASE(
    "a boot reason that the operating system's own restart may leave as it is proves nothing") {
    const auto ran = test::with_fleet("15.0", [](sim::Fleet& fleet) -> Task<void> {
        sim::Device& sim = *fleet.device(address);
        Opened opened(fleet);
        // The last start was no deed of AMT's, and the next one may be none, too.
        take(sim.set("power_delay_ms", 3'600'000));
        const PowerWatch watch = co_await act(opened, PowerAction::soft_reset, 300ms);
        CHECK(watch.sent);
        CHECK_FALSE(watch.verified);
        CHECK(watch.warning.find("cannot be told") != std::string::npos);
    });
    CHECK(ran);
}

TEST_CASE("where nothing can tell of a reset, it says why at once") {
    struct Case {
        std::string firmware;
        bool freeze;
        std::string_view reason;
        std::string_view log;
    };
    const Case cases[] = {
        {"extends = \"15.0\"\n" + silent, false, "the same as before", "no record of an earlier"},
        {"extends = \"7.1\"\n" + silent, false, "no boot reason", "no record of an earlier"},
        {"extends = \"15.0\"\n", true, "the same as before", "frozen"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.log);
        const auto body = [&](sim::Fleet& fleet) -> Task<void> {
            // A restart that nobody waits for would still be under way at the next one.
            take(fleet.device(address)->set("power_delay_ms", 0));
            if (one.freeze) take(fleet.device(address)->set("events_frozen", true));
            Opened opened(fleet);
            co_await act(opened, PowerAction::reset);
            const PowerWatch watch = co_await act(opened, PowerAction::reset);
            CHECK(watch.sent);
            CHECK_FALSE(watch.verified);
            CHECK(watch.after->power == "on");
            CHECK(watch.warning.find("cannot be told") != std::string::npos);
            CHECK(watch.warning.find(one.reason) != std::string::npos);
            CHECK(watch.warning.find(one.log) != std::string::npos);
            const std::vector<std::string> once{"CIM_AssociatedPowerManagementService"};
            CHECK(asked_since_request(fleet) == once);
        };
        CHECK(test::with_fleet("15.0", body, firmware(one.firmware)));
    }
}

TEST_CASE("boot settings that were used up prove the restart where nothing else does") {
    const auto body = [](sim::Fleet& fleet) -> Task<void> {
        Opened opened(fleet);
        co_await act(opened, PowerAction::reset);
        plane::BootWatch boot;
        co_await opened.device->boot()->set({.device = plane::BootDevice::bios}, boot);
        const PowerWatch watch = co_await act(opened, PowerAction::reset);
        CHECK(watch.verified);
        CHECK(watch.warning.empty());
        co_await opened.device->boot()->settle(5s, boot);
        CHECK(boot.verified);
        CHECK(fleet.device(address)->booted_from() == "bios-setup");
    };
    CHECK(test::with_fleet("15.0", body, firmware("extends = \"15.0\"\n" + silent)));
}

TEST_CASE("boot settings that stay are a restart that was not seen") {
    const auto body = [](sim::Fleet& fleet) -> Task<void> {
        Opened opened(fleet);
        co_await act(opened, PowerAction::reset);
        plane::BootWatch boot;
        co_await opened.device->boot()->set({.device = plane::BootDevice::bios}, boot);
        take(fleet.device(address)->set("power_delay_ms", 3'600'000));
        PowerWatch watch;
        const auto done =
            co_await net::attempt(opened.device->power()->apply(PowerAction::reset, 300ms, watch));
        REQUIRE(!done);
        CHECK(done.error().code == "verify.restart");
        CHECK(done.error().native.find("boot_reason")->text() == "2 Reset");
        CHECK(watch.sent);
        CHECK_FALSE(watch.verified);
    };
    CHECK(test::with_fleet("15.0", body, firmware("extends = \"15.0\"\n" + silent)));
}

TEST_CASE("a log that tells of starts and gets none is a warning: a BIOS may be slow, or silent") {
    const auto ran = test::with_fleet("15.0", [](sim::Fleet& fleet) -> Task<void> {
        Opened opened(fleet);
        co_await act(opened, PowerAction::reset);
        take(fleet.device(address)->set("power_delay_ms", 3'600'000));
        const PowerWatch watch = co_await act(opened, PowerAction::reset, 300ms);
        CHECK(watch.sent);
        CHECK_FALSE(watch.verified);
        CHECK(watch.warning.find("got no record of another start") != std::string::npos);
    });
    CHECK(ran);
}

TEST_CASE("a cycle is proved by having seen the host off where nothing else tells") {
    const auto body = [](sim::Fleet& fleet) -> Task<void> {
        sim::Device& sim = *fleet.device(address);
        Opened opened(fleet);
        co_await act(opened, PowerAction::cycle);
        take(sim.set("power_delay_ms", 3'600'000));
        PowerWatch watch;
        net::Group group;
        const auto cycle = [&]() -> Task<void> {
            const PowerWatch seen = co_await act(opened, PowerAction::cycle);
            watch = seen;
        };
        co_await group.spawn(cycle());
        const auto requests = [&] {
            return std::ranges::count_if(fleet.journal(address), [](const auto& entry) {
                return text_of(entry.device, "method") == "RequestPowerStateChange";
            });
        };
        while (requests() < 2) co_await net::sleep_for(5ms);
        co_await next_look(fleet);
        CHECK_FALSE(watch.verified);
        take(sim.set("power", "off"));
        co_await next_look(fleet);
        take(sim.set("power", "on"));
        co_await group.join();
        CHECK(watch.verified);
        CHECK(watch.warning.empty());
        CHECK(watch.after->power == "on");
    };
    CHECK(test::with_fleet("15.0", body, firmware("extends = \"15.0\"\n" + silent)));
}
