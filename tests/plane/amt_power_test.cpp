#include "plane/amt/device.h"

#include "support/fleet.h"
#include "support/temporary_folder.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace std::chrono_literals;
using net::Task;
using plane::PowerAction;
using plane::PowerWatch;

namespace {

constexpr const char* address = "127.77.8.1";

/// One device of a fleet, opened over plain HTTP.
struct Opened {
    explicit Opened(sim::Fleet& fleet) {
        plane::Access access;
        access.target = take(parse_target(std::string("amt+tcp://") + address + ":" +
                                          std::to_string(fleet.ports().http)));
        access.user = "admin";
        access.password = Secret(std::string(test::fleet_password));
        access.dial = net::direct({});
        access.findings = &findings;
        device = plane::open(std::move(access));
    }

    Findings findings;
    plane::DevicePtr device;
};

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

TEST_CASE("a cycle of a host that is off switches it on; a reset of it makes no sense") {
    const Done cycle = act("15.0", "off", PowerAction::cycle);
    CHECK(cycle.result);
    CHECK(cycle.watch.after->power == "on");
    const Done reset = act("15.0", "off", PowerAction::reset);
    REQUIRE(!reset.result);
    CHECK(reset.result.error().code == "power.not_on");
    CHECK_FALSE(reset.watch.sent);
}

TEST_CASE("a refused change names the ReturnValue and has changed nothing") {
    const Done done = act("15.0", "on", PowerAction::off, [](sim::Fleet& fleet) {
        fleet.device(address)->redirection_session(true);
    });
    REQUIRE(!done.result);
    CHECK(done.result.error().code == "firmware.return_value");
    CHECK(done.result.error().native.find("return_name") != nullptr);
    CHECK_FALSE(done.watch.sent);
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
