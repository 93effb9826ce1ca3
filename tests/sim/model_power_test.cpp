#include "model_rig.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::sim;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view power_class = "CIM_AssociatedPowerManagementService";

std::vector<std::uint64_t> available(Rig& rig) {
    return codec::wsman::numbers_of(rig.get(power_class), "AvailableRequestedPowerStates");
}

}  // namespace

TEST_CASE("a power change happens after the delay, not before") {
    Rig rig("15.0", "[quirks]\npower_delay_ms = 2000");
    CHECK(rig.power(8) == 0);
    CHECK(said(rig.get(power_class), "PowerState") == "2");
    rig.wait(1999ms);
    CHECK(said(rig.get(power_class), "PowerState") == "2");
    rig.wait(1ms);
    CHECK(said(rig.get(power_class), "PowerState") == "8");
    CHECK(rig.state("power").text() == "off");
}

TEST_CASE("the delay can be set, and 0 is at once") {
    Rig rig;
    rig.set("power_delay_ms", 0);
    CHECK(rig.power(8) == 0);
    CHECK(rig.state("power").text() == "off");
}

TEST_CASE("a second request before the first has finished is busy") {
    Rig rig;
    CHECK(rig.power(10) == 0);
    CHECK(rig.power(8) == 4099);
    rig.wait(1s);
    CHECK(rig.power(8) == 0);
}

TEST_CASE("what a request answers depends on the state, the generation and the operating system") {
    struct Case {
        std::string_view generation;
        std::string_view state;
        std::string_view os;
        unsigned wanted;
        std::uint64_t answer;
    };
    const Case cases[] = {
        {"15.0", "on", "running", 2, 0},        {"15.0", "on", "running", 5, 0},
        {"15.0", "on", "running", 8, 0},        {"15.0", "on", "running", 10, 0},
        {"15.0", "on", "running", 11, 0},       {"15.0", "on", "running", 12, 0},
        {"15.0", "on", "running", 14, 0},       {"15.0", "on", "running", 4, 0},
        {"15.0", "on", "running", 7, 0},        {"15.0", "on", "none", 12, 2},
        {"15.0", "on", "none", 14, 2},          {"15.0", "on", "none", 4, 2},
        {"15.0", "on", "none", 8, 0},           {"15.0", "off", "running", 2, 0},
        {"15.0", "off", "running", 8, 0},       {"15.0", "off", "running", 10, 2},
        {"15.0", "off", "running", 5, 2},       {"15.0", "off", "running", 12, 0},
        {"15.0", "sleep", "running", 2, 0},     {"15.0", "sleep", "running", 8, 0},
        {"15.0", "sleep", "running", 10, 2},    {"15.0", "hibernate", "running", 2, 0},
        {"15.0", "hibernate", "running", 8, 2}, {"7.1", "on", "running", 12, 1},
        {"7.1", "on", "running", 4, 1},         {"7.1", "on", "running", 10, 0},
        {"19.0", "on", "running", 4, 1},        {"19.0", "on", "running", 12, 0},
        {"15.0", "on", "running", 13, 1},       {"15.0", "on", "running", 99, 5},
    };
    for (const Case& one : cases) {
        CAPTURE(one.generation);
        CAPTURE(one.state);
        CAPTURE(one.os);
        CAPTURE(one.wanted);
        Rig rig(one.generation);
        rig.set("power", one.state);
        if (one.os == "none") rig.set("os", "none");
        CHECK(rig.power(one.wanted) == one.answer);
    }
}

TEST_CASE("the states that may be asked for follow from the state, in the recorded order") {
    Rig rig;
    CHECK(available(rig) == std::vector<std::uint64_t>{10, 8, 5, 11, 4, 7, 14, 12});
    rig.set("os", "none");
    CHECK(available(rig) == std::vector<std::uint64_t>{10, 8, 5});
    rig.set("power", "off");
    CHECK(available(rig) == std::vector<std::uint64_t>{2});
    Rig modern("19.0");
    CHECK(available(modern) == std::vector<std::uint64_t>{10, 8, 5, 11, 14, 12});
    Rig old("7.1");
    CHECK(available(old).empty());
}

TEST_CASE("power-off is refused while a redirection session is open") {
    struct Case {
        std::string_view generation;
        unsigned wanted;
        std::uint64_t answer;
    };
    for (const Case& one : {Case{"15.0", 8, 6}, Case{"15.0", 12, 6}, Case{"15.0", 5, 0},
                            Case{"15.0", 10, 0}, Case{"9.1", 5, 6}, Case{"9.1", 8, 6}}) {
        CAPTURE(one.generation);
        CAPTURE(one.wanted);
        Rig rig(one.generation);
        rig.device.redirection_session(sim::Redirected::sol, true);
        CHECK(rig.power(one.wanted) == one.answer);
        rig.wait(2s);
        CHECK(rig.state("power").text() == "on");
        rig.device.redirection_session(sim::Redirected::sol, false);
        CHECK(rig.power(8) == 0);
    }
}

TEST_CASE("parameters that AMT does not take are refused") {
    Rig rig;
    const auto with = [&](Member extra) {
        return rig.call("CIM_PowerManagementService", "RequestPowerStateChange",
                        {text("PowerState", "10"), std::move(extra)});
    };
    Member timeout = codec::wsman::datetime_member("TimeoutPeriod", "2026-01-01T00:00:00Z");
    CHECK(with(std::move(timeout)) == 4098);
    CHECK(with(reference("ManagedElement", "CIM_ComputerSystem", "Name", "Intel(r) AMT")) == 5);
    CHECK(rig.call("CIM_PowerManagementService", "RequestPowerStateChange") == 5);
}

TEST_CASE("a start leaves its reason and its events behind") {
    Rig rig;
    const std::int64_t events = rig.state("events").integer();
    CHECK(said(rig.get("IPS_HostBootReason"), "Reason") == "1");
    rig.power(8);
    rig.wait(1s);
    rig.power(2);
    rig.wait(1s);
    const Members reason = rig.get("IPS_HostBootReason");
    CHECK(said(reason, "Reason") == "2");
    CHECK(said(reason, "ReasonDetails") == "Power Up");
    CHECK(said(reason, "PreviousSxState") == "5");
    CHECK(rig.state("events").integer() == events + 2);
    rig.power(10);
    rig.wait(1s);
    CHECK(said(rig.get("IPS_HostBootReason"), "ReasonDetails") == "Reset");
}

TEST_CASE("waking from sleep is no start") {
    Rig rig;
    rig.set("power_delay_ms", 0);
    CHECK(rig.power(4) == 0);
    CHECK(rig.state("os").text() == "none");
    CHECK(rig.power(2) == 0);
    CHECK(rig.state("os").text() == "running");
    CHECK(said(rig.get("IPS_HostBootReason"), "Reason") == "1");
}

TEST_CASE("the operating system's power saving is a matter of Modern Standby") {
    const auto save = [](Rig& rig, std::string state) {
        return rig.call("IPS_PowerManagementService", "RequestOSPowerSavingStateChange",
                        {text("OSPowerSavingState", std::move(state))});
    };
    Rig modern("19.0");
    CHECK(said(modern.get("IPS_PowerManagementService"), "OSPowerSavingState") == "2");
    CHECK(save(modern, "3") == 0);
    CHECK(said(modern.get("IPS_PowerManagementService"), "OSPowerSavingState") == "3");
    CHECK(save(modern, "2") == 0);
    CHECK(save(modern, "9") == 5);
    Rig classic("15.0");
    CHECK(save(classic, "3") == 1);
    CHECK(save(classic, "2") == 0);
    classic.set("os", "none");
    CHECK(save(classic, "2") == 2);
}

TEST_CASE("the power package can be chosen") {
    Rig rig;
    CHECK(rig.call("AMT_SystemPowerScheme", "SetPowerScheme", {},
                   {text("InstanceID", "SCHEME 0")}) == 0);
    bool seen = false;
    for (const auto& item : rig.all("CIM_ElementSettingData")) {
        const Member* setting = codec::wsman::find(item.members, "SettingData");
        REQUIRE(setting);
        if (said(setting->members, "InstanceID") != "SCHEME 0") continue;
        seen = true;
        CHECK(said(item.members, "IsCurrent") == "1");
    }
    CHECK(seen);
}
