#include "plane/amt/device.h"

#include "plane/opened_device.h"
#include "support/temporary_folder.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace std::chrono_literals;
using net::Task;
using plane::PowerAction;
using plane::PowerWatch;

namespace {

constexpr const char* address = test::device_address;
using Opened = test::OpenedDevice;

/// What an action did to a host that was in the given state.
struct Done {
    Result<void> result;
    PowerWatch watch;
};

Task<void> apply(sim::Fleet& fleet, std::string from, PowerAction action,
                 std::chrono::milliseconds limit, Done& done) {
    take(fleet.device(address)->set("power", from));
    Opened opened(fleet);
    done.result = co_await net::attempt(opened.device->power()->apply(action, limit, done.watch));
}

Done act(const std::string& generation, const std::string& from, PowerAction action,
         std::function<void(sim::Fleet&)> prepare = {}, std::chrono::milliseconds limit = 10s) {
    Done done;
    const auto ran = test::with_fleet(generation, [&](sim::Fleet& fleet) -> Task<void> {
        if (prepare) prepare(fleet);
        return apply(fleet, from, action, limit, done);
    });
    REQUIRE(ran);
    return done;
}

}  // namespace

TEST_CASE("a host that is there already is left alone") {
    const Done on = act("15.0", "on", PowerAction::on);
    CHECK(on.result);
    CHECK_FALSE(on.watch.sent);
    CHECK(on.watch.verified);
    const Done off = act("15.0", "off", PowerAction::off);
    CHECK(off.result);
    CHECK_FALSE(off.watch.sent);
}

TEST_CASE("every generation is switched on and off, and the state is read back") {
    for (const char* generation : {"7.1", "9.1", "11.8", "12.0", "15.0"}) {
        CAPTURE(generation);
        const Done on = act(generation, "off", PowerAction::on);
        CHECK(on.result);
        CHECK(on.watch.before->power == "off");
        CHECK(on.watch.after->power == "on");
        CHECK(on.watch.verified);
        const Done off = act(generation, "on", PowerAction::off);
        CHECK(off.result);
        CHECK(off.watch.after->power == "off");
        CHECK(off.watch.verified);
    }
}

TEST_CASE("a sleeping host is switched on") {
    const Done done = act("15.0", "sleep", PowerAction::on);
    CHECK(done.result);
    CHECK(done.watch.before->power == "sleep");
    CHECK(done.watch.after->power == "on");
}

TEST_CASE("a restart is proved by the boot reason or by having seen the host off") {
    for (const PowerAction action : {PowerAction::reset, PowerAction::cycle}) {
        const Done done = act("15.0", "on", action);
        CHECK(done.result);
        CHECK(done.watch.sent);
        CHECK(done.watch.verified);
        CHECK(done.watch.after->power == "on");
    }
}

TEST_CASE("where firmware has no boot reason, a cycle is proved by having seen the host off") {
    const Done done = act("7.1", "on", PowerAction::cycle, [](sim::Fleet& fleet) {
        take(fleet.device(address)->set("power_delay_ms", 800));
    });
    CHECK(done.result);
    CHECK(done.watch.verified);
    CHECK(done.watch.warning.empty());
    CHECK(done.watch.after->power == "on");
}

TEST_CASE("a cycle of a host that is off switches it on; a reset of it makes no sense") {
    const Done cycle = act("15.0", "off", PowerAction::cycle);
    CHECK(cycle.result);
    CHECK(cycle.watch.after->power == "on");
    const Done reset = act("15.0", "off", PowerAction::reset);
    REQUIRE(!reset.result);
    CHECK(reset.result.error().code == "power.not_on");
    CHECK_FALSE(reset.watch.sent);
}

TEST_CASE("a refusal while a redirection session is open says so and has changed nothing") {
    const Done done = act("15.0", "on", PowerAction::off, [](sim::Fleet& fleet) {
        fleet.device(address)->redirection_session(sim::Redirected::sol, true);
    });
    REQUIRE(!done.result);
    CHECK(done.result.error().code == "session_busy.redirection");
    CHECK(done.result.error().native.find("return_name") != nullptr);
    CHECK_FALSE(done.watch.sent);
}

TEST_CASE("firmware that accepts a power-off during a session and does nothing is found out") {
    Done done;
    const auto quiet = [](sim::FleetOptions& options) {
        options.personalities = {take(
            sim::Personality::parse("extends = \"15.0\"\n[quirks]\nsession_return = 0", "test"))};
    };
    const auto ran = test::with_fleet(
        "15.0",
        [&](sim::Fleet& fleet) -> Task<void> {
            fleet.device(address)->redirection_session(sim::Redirected::sol, true);
            return apply(fleet, "on", PowerAction::off, 400ms, done);
        },
        quiet);
    REQUIRE(ran);
    REQUIRE(!done.result);
    CHECK(done.result.error().code == "session_busy.redirection");
    CHECK(done.watch.sent);
    CHECK_FALSE(done.watch.verified);
}

TEST_CASE("what is asked of the operating system is read back, too") {
    struct Case {
        PowerAction action;
        const char* from;
        const char* after;
    };
    for (const Case& one :
         {Case{PowerAction::soft_off, "on", "off"}, Case{PowerAction::soft_reset, "on", "on"},
          Case{PowerAction::sleep, "on", "sleep"}, Case{PowerAction::hibernate, "on", "hibernate"},
          Case{PowerAction::wake, "sleep", "on"}, Case{PowerAction::wake, "hibernate", "on"}}) {
        CAPTURE(one.after);
        const Done done = act("15.0", one.from, one.action);
        REQUIRE(done.result);
        CHECK(done.watch.sent);
        CHECK(done.watch.verified);
        CHECK(done.watch.after->power == one.after);
    }
}

TEST_CASE("without an operating system or a capability nothing is sent") {
    const auto no_os = [](sim::Fleet& fleet) { take(fleet.device(address)->set("os", "none")); };
    for (const PowerAction action : {PowerAction::soft_off, PowerAction::sleep}) {
        const Done done = act("15.0", "on", action, no_os);
        REQUIRE(!done.result);
        CHECK(done.result.error().code == "power.no_os");
        CHECK_FALSE(done.watch.sent);
        const Done old = act("7.1", "on", action);
        REQUIRE(!old.result);
        CHECK(old.result.error().code == "unsupported.power_state");
        CHECK_FALSE(old.watch.sent);
    }
}

TEST_CASE("an interrupt is accepted and claims no proof") {
    const Done done = act("15.0", "on", PowerAction::nmi);
    CHECK(done.result);
    CHECK(done.watch.sent);
    CHECK_FALSE(done.watch.verified);
    CHECK_FALSE(done.watch.warning.empty());
}

TEST_CASE("a session that is closed first no longer stands in the way") {
    const auto ran = test::with_fleet("15.0", [](sim::Fleet& fleet) -> Task<void> {
        fleet.device(address)->redirection_session(sim::Redirected::sol, true);
        Opened opened(fleet);
        const auto closed = co_await opened.device->power()->close_sessions();
        CHECK(closed == std::vector<std::string>{"sol"});
        PowerWatch watch;
        co_await opened.device->power()->apply(PowerAction::off, 5s, watch);
        CHECK(watch.verified);
    });
    CHECK(ran);
}

TEST_CASE("waiting ends when the state is there, or with a verify error") {
    const auto ran = test::with_fleet("15.0", [](sim::Fleet& fleet) -> Task<void> {
        Opened opened(fleet);
        PowerWatch watch;
        co_await opened.device->power()->wait("on", 1s, watch);
        CHECK(watch.verified);
        PowerWatch other;
        const auto waited =
            co_await net::attempt(opened.device->power()->wait("off", 200ms, other));
        REQUIRE(!waited);
        CHECK(waited.error().kind == Class::verify);
        CHECK_FALSE(other.verified);
    });
    CHECK(ran);
}

TEST_CASE("a change that is accepted but does not happen in time is a verify error") {
    const Done done = act(
        "15.0", "off", PowerAction::on,
        [](sim::Fleet& fleet) { take(fleet.device(address)->set("power_delay_ms", 60'000)); },
        400ms);
    REQUIRE(!done.result);
    CHECK(done.result.error().kind == Class::verify);
    CHECK(done.watch.sent);
    CHECK_FALSE(done.watch.verified);
}

TEST_CASE("who the device is, is read from its platform GUID and its Server header") {
    const auto ran = test::with_fleet("15.0", [](sim::Fleet& fleet) -> Task<void> {
        Opened opened(fleet);
        co_await opened.device->identify();
        CHECK(opened.findings.device.uuid == fleet.device(address)->identity().uuid);
        CHECK(opened.findings.device.firmware == "15.0.23.1706");
        CHECK(opened.findings.device.id() == "amt:" + fleet.device(address)->identity().uuid);
    });
    CHECK(ran);
}
