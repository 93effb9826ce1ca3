#include "plane/amt/power.h"

#include "codec/wsman/schema.h"
#include "core/text.h"
#include "net/deadline.h"

#include <algorithm>
#include <optional>

namespace oob::plane::amt {

namespace wsman = codec::wsman;
using net::Task;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{1000};
/// Firmware takes up to ten seconds to carry out a restart (reference wsman-classes, C2).
constexpr milliseconds longest_restart{15'000};

std::string_view word(std::uint64_t state) {
    switch (static_cast<PowerState>(state)) {
        case PowerState::on:
            return "on";
        case PowerState::sleep_light:
        case PowerState::sleep_deep:
            return "sleep";
        case PowerState::hibernate:
            return "hibernate";
        case PowerState::off_hard:
        case PowerState::off_soft:
            return "off";
        default:
            return "unknown";
    }
}

/// What an action asks of the firmware, given the state that the host is in.
struct Step {
    std::optional<PowerState> request;  ///< none: there already
    std::string_view wanted;            ///< the state to read back
    std::string_view words;
    std::string_view restart_reason =
        {};  ///< the boot reason that it leaves, when the host stays on
};

Step step_for(PowerAction action, std::string_view power) {
    const bool on = power == "on";
    const bool off = power == "off";
    switch (action) {
        case PowerAction::on:
            if (on) return {std::nullopt, "on", {}};
            return {PowerState::on, "on", "switch on"};
        case PowerAction::off:
            if (off) return {std::nullopt, "off", {}};
            return {PowerState::off_soft, "off", "switch off without asking the operating system"};
        case PowerAction::cycle:
            // The firmware refuses to cycle a host that is off; switching on is what was meant.
            if (!on) return {PowerState::on, "on", "switch on, because the host is not on"};
            return {PowerState::cycle_soft, "on", "switch off and on again", "2 Power Cycle"};
        case PowerAction::reset:
            if (!on)
                fail(Error(Class::precondition, "power.not_on",
                           join({"the host is ", power, ": there is nothing to reset"}),
                           "use 'oob-power on' or 'oob-power cycle'")
                         .with("power", power));
            return {PowerState::reset, "on", "press the reset button", "2 Reset"};
    }
    fail(Class::internal, "internal.power", "unknown power action");
}

Error not_reached(std::string_view wanted, const PowerWatch& watch) {
    return Error(Class::verify, "verify.power",
                 join({"the device accepted, but the host is ", watch.after->power, " and not ",
                       wanted}),
                 "give it longer with --timeout, or look at the host's console")
        .with("power", watch.after->power);
}

wsman::Members managed_system() {
    return {wsman::text_member("CreationClassName", "CIM_ComputerSystem"),
            wsman::text_member("Name", "ManagedSystem")};
}

}  // namespace

Task<PowerReading> PowerSwitch::read() {
    const auto association =
        co_await client_.get(take(wsman::resource_uri("CIM_AssociatedPowerManagementService")));
    const auto state = wsman::number_of(association.members, "PowerState");
    if (!state)
        fail(Class::protocol, "power.no_state", "the device did not tell its power state",
             "try --trace to see the answer");
    co_return PowerReading{std::string(word(*state)), Value(*state)};
}

Task<void> PowerSwitch::request(PowerState state) {
    constexpr std::string_view service = "CIM_PowerManagementService";
    constexpr std::string_view method = "RequestPowerStateChange";
    wsman::Members parameters{
        wsman::text_member("PowerState", std::to_string(static_cast<unsigned>(state))),
        wsman::reference_member("ManagedElement", take(wsman::resource_uri("CIM_ComputerSystem")),
                                managed_system())};
    const auto output = co_await client_.invoke(take(wsman::resource_uri(service)),
                                                std::string(method), std::move(parameters));
    session::require_success(output, service, method);
}

Task<void> PowerSwitch::reach(std::string wanted, milliseconds limit, PowerWatch& watch) {
    const auto end = net::Clock::now() + limit;
    milliseconds pause = first_pause;
    for (;;) {
        watch.after = co_await read();
        if (watch.after->power == wanted) {
            watch.verified = true;
            co_return;
        }
        if (net::Clock::now() + pause > end) fail(not_reached(wanted, watch));
        co_await net::sleep_for(pause);
        pause = std::min(2 * pause, longest_pause);
    }
}

Task<std::optional<std::string>> PowerSwitch::boot_reason() {
    auto result =
        co_await net::attempt(client_.get(take(wsman::resource_uri("IPS_HostBootReason"))));
    if (!result && result.error().kind == Class::unsupported) co_return std::nullopt;
    const auto instance = take(std::move(result));
    co_return join({wsman::text_of(instance.members, "Reason").value_or(""), " ",
                    wsman::text_of(instance.members, "ReasonDetails").value_or("")});
}

/// What a restart leaves behind in the firmware.
struct PowerSwitch::Restart {
    std::string expected;               ///< the boot reason that it causes
    std::optional<std::string> before;  ///< the boot reason before it
};

Task<void> PowerSwitch::prove(Restart restart, milliseconds limit, PowerWatch& watch) {
    const auto end = net::Clock::now() + std::min(limit, longest_restart);
    const bool telling = restart.before && *restart.before != restart.expected;
    bool seen_off = false;
    while (net::Clock::now() < end) {
        watch.after = co_await read();
        const bool on = watch.after->power == "on";
        if (on && telling && co_await boot_reason() == restart.expected) seen_off = true;
        if (on && seen_off) {
            watch.verified = true;
            co_return;
        }
        seen_off = seen_off || !on;
        co_await net::sleep_for(first_pause);
    }
    if (watch.after->power != "on") fail(not_reached("on", watch));
    if (telling)
        fail(Error(Class::verify, "verify.restart",
                   "the device accepted, but the host was not restarted",
                   "is a redirection session open? look at the host's console")
                 .with("boot_reason", *restart.before));
    watch.warning = "the host is on, but this firmware does not tell whether it was restarted";
}

Task<void> PowerSwitch::apply(PowerAction action, milliseconds limit, PowerWatch& watch) {
    watch.before = co_await read();
    const Step step = step_for(action, watch.before->power);
    if (!step.request) {
        watch.after = watch.before;
        watch.verified = true;
        co_return;
    }
    Restart restart;
    if (!step.restart_reason.empty())
        restart = {std::string(step.restart_reason), co_await boot_reason()};
    co_await request(*step.request);
    watch.sent = true;
    if (step.restart_reason.empty())
        co_await reach(std::string(step.wanted), limit, watch);
    else
        co_await prove(std::move(restart), limit, watch);
}

Task<std::string> PowerSwitch::plan(PowerAction action, PowerWatch& watch) {
    watch.before = co_await read();
    watch.after = watch.before;
    co_return std::string(step_for(action, watch.before->power).words);
}

}  // namespace oob::plane::amt
