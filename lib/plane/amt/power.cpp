#include "plane/amt/power.h"

#include "codec/wsman/schema.h"
#include "core/text.h"
#include "net/deadline.h"
#include "plane/amt/restart_witness.h"
#include "plane/amt/sessions.h"

#include <algorithm>

namespace oob::plane::amt {

namespace wsman = codec::wsman;
using net::Task;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{1000};
/// A host that is switched off and on again is off for some seconds; it must not be missed.
constexpr milliseconds shortest_off{500};
/// Firmware takes up to ten seconds to carry out a restart (reference wsman-classes, C2).
constexpr milliseconds longest_restart{15'000};
/// From there until a BIOS has used its settings, or has written down that it started.
constexpr milliseconds longest_start{60'000};

wsman::Members managed_system() {
    return {wsman::text_member("CreationClassName", "CIM_ComputerSystem"),
            wsman::text_member("Name", "ManagedSystem")};
}

wsman::Members state_request(std::string_view name, unsigned state) {
    return {
        wsman::text_member(std::string(name), std::to_string(state)),
        wsman::reference_member("ManagedElement", take(wsman::resource_uri("CIM_ComputerSystem")),
                                managed_system())};
}

bool reached(const Step& step, const PowerReading& reading) {
    if (!step.saving) return reading.power == step.wanted;
    return reading.os_power_saving == saving_word(static_cast<std::uint64_t>(*step.saving));
}

std::string wanted_word(const Step& step) {
    return std::string(step.saving == SavingState::saving ? "in standby" : step.wanted);
}

}  // namespace

Task<Survey> PowerSwitch::survey_hardware() {
    const auto association =
        co_await client_.get(take(wsman::resource_uri("CIM_AssociatedPowerManagementService")));
    const auto state = wsman::number_of(association.members, "PowerState");
    if (!state)
        fail(Class::protocol, "power.no_state", "the device did not tell its power state",
             "try --trace to see the answer");
    Survey survey{{std::string(power_word(*state)), Value(*state)}};
    survey.offered = wsman::numbers_of(association.members, "AvailableRequestedPowerStates");
    co_return survey;
}

Task<std::optional<std::string>> PowerSwitch::read_saving() {
    auto result =
        co_await net::attempt(client_.get(take(wsman::resource_uri("IPS_PowerManagementService"))));
    if (!result && result.error().kind == Class::unsupported) co_return std::nullopt;
    const auto instance = take(std::move(result));
    const auto state = wsman::number_of(instance.members, "OSPowerSavingState");
    if (!state) co_return std::nullopt;
    co_return saving_word(*state);
}

Task<Survey> PowerSwitch::survey() {
    Survey survey = co_await survey_hardware();
    survey.reading.os_power_saving = co_await read_saving();
    co_return survey;
}

Task<PowerReading> PowerSwitch::read() {
    const Survey now = co_await survey();
    co_return now.reading;
}

Task<std::vector<std::string>> PowerSwitch::close_sessions() {
    return amt::close_sessions(client_);
}

Task<void> PowerSwitch::request(Step step, std::string power) {
    if (step.saving) {
        constexpr std::string_view service = "IPS_PowerManagementService";
        constexpr std::string_view method = "RequestOSPowerSavingStateChange";
        auto parameters = state_request("OSPowerSavingState", static_cast<unsigned>(*step.saving));
        const auto output = co_await client_.invoke(take(wsman::resource_uri(service)),
                                                    std::string(method), std::move(parameters));
        session::require_success(output, service, method);
        co_return;
    }
    auto parameters = state_request("PowerState", static_cast<unsigned>(*step.request));
    const auto output =
        co_await client_.invoke(take(wsman::resource_uri("CIM_PowerManagementService")),
                                "RequestPowerStateChange", std::move(parameters));
    const auto value = wsman::number_of(output, "ReturnValue");
    if (!value) session::require_success(output, "CIM_PowerManagementService", "the power change");
    if (*value == 0) co_return;
    const std::vector<std::string> sessions = co_await open_sessions(client_);
    fail(refusal(step, power, static_cast<std::uint32_t>(*value), sessions));
}

Task<void> PowerSwitch::blame(Step step, Error error) {
    if (!step.cuts_power()) fail(std::move(error));
    const std::vector<std::string> sessions = co_await open_sessions(client_);
    if (sessions.empty()) fail(std::move(error));
    Error busy = session_busy(sessions);
    busy.native = error.native;
    busy.with("accepted", true);
    fail(std::move(busy));
}

Task<void> PowerSwitch::reach(Step step, milliseconds limit, PowerWatch& watch) {
    const auto end = net::Clock::now() + limit;
    milliseconds pause = first_pause;
    for (;;) {
        watch.after = (co_await survey_hardware()).reading;
        if (step.saving) watch.after->os_power_saving = co_await read_saving();
        if (reached(step, *watch.after)) break;
        if (net::Clock::now() + pause > end) {
            Error error = not_reached(wanted_word(step), *watch.after);
            co_await blame(step, std::move(error));
        }
        co_await net::sleep_for(pause);
        pause = std::min(2 * pause, longest_pause);
    }
    watch.verified = true;
    if (!step.saving) watch.after->os_power_saving = co_await read_saving();
}

Task<void> PowerSwitch::prove(Step step, milliseconds limit, RestartWitness& witness,
                              PowerWatch& watch) {
    // An operating system takes its time to go down.
    const milliseconds longest = witness.slow() ? longest_start : longest_restart;
    const auto end = net::Clock::now() + (step.needs_os ? limit : std::min(limit, longest));
    const bool goes_off = step.request == PowerState::cycle_soft;
    milliseconds pause = first_pause;
    for (bool restarted = false;;) {
        watch.after = (co_await survey_hardware()).reading;
        const bool on = watch.after->power == "on";
        if (watch.after->power == "off") restarted = true;
        if (on && !restarted) restarted = co_await witness.restarted();
        if (on && restarted) {
            watch.verified = true;
            watch.after->os_power_saving = co_await read_saving();
            co_return;
        }
        const bool hopeless = on && !goes_off && !witness.can_tell();
        if (hopeless || net::Clock::now() + pause > end) break;
        co_await net::sleep_for(pause);
        pause = std::min(2 * pause, goes_off ? shortest_off : longest_pause);
    }
    if (watch.after->power != "on") {
        Error error = not_reached("on", *watch.after);
        co_await blame(step, std::move(error));
    }
    if (witness.certain()) {
        Error error = not_restarted(witness.reason());
        co_await blame(step, std::move(error));
    }
    watch.warning = join({"the host is on, but whether it was restarted cannot be told: ",
                          goes_off ? "it was not seen off, " : "", witness.doubts()});
}

Task<Step> PowerSwitch::decide(PowerAction action, PowerWatch& watch) {
    const Survey now = co_await survey();
    watch.before = now.reading;
    const Step step = take(step_for(action, now));
    if (!step.request || now.offers(*step.request)) co_return step;
    std::vector<std::uint64_t> supported;
    auto capabilities = co_await net::attempt(
        client_.enumerate(take(wsman::resource_uri("CIM_PowerManagementCapabilities"))));
    if (capabilities) {
        for (const auto& item : *capabilities) {
            const auto states = wsman::numbers_of(item.members, "RequestedPowerStatesSupported");
            supported.insert(supported.end(), states.begin(), states.end());
        }
    } else if (capabilities.error().kind != Class::unsupported) {
        fail(capabilities.error());
    }
    if (auto error = objection(step, now, supported)) fail(*std::move(error));
    co_return step;
}

Task<void> PowerSwitch::apply(PowerAction action, milliseconds limit, PowerWatch& watch) {
    const Step step = co_await decide(action, watch);
    if (step.nothing()) {
        watch.after = watch.before;
        watch.verified = true;
        co_return;
    }
    RestartWitness witness(client_, step);
    if (!step.restart_reason.empty()) co_await witness.prepare();
    co_await request(step, watch.before->power);
    watch.sent = true;
    if (step.request == PowerState::interrupt) {
        watch.after = co_await read();
        watch.warning = "the device accepted; an interrupt leaves nothing that can be read back";
    } else if (step.restart_reason.empty()) {
        co_await reach(step, limit, watch);
    } else {
        co_await prove(step, limit, witness, watch);
    }
}

Task<std::string> PowerSwitch::plan(PowerAction action, PowerWatch& watch) {
    const Step step = co_await decide(action, watch);
    watch.after = watch.before;
    co_return std::string(step.words);
}

Task<void> PowerSwitch::wait(std::string wanted, milliseconds limit, PowerWatch& watch) {
    const auto end = net::Clock::now() + limit;
    for (;;) {
        watch.after = (co_await survey_hardware()).reading;
        if (watch.after->power == wanted) break;
        if (net::Clock::now() + longest_pause > end)
            fail(Error(Class::verify, "verify.power",
                       join({"the host is still ", watch.after->power, " and not ", wanted}),
                       "give it longer with --timeout")
                     .with("power", watch.after->power));
        co_await net::sleep_for(longest_pause);
    }
    watch.verified = true;
    watch.after->os_power_saving = co_await read_saving();
}

}  // namespace oob::plane::amt
