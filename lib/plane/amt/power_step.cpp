#include "plane/amt/power_step.h"

#include "codec/wsman/schema.h"
#include "core/text.h"

#include <algorithm>

namespace oob::plane::amt {

namespace {

constexpr std::string_view hint_no_os =
    "it takes an operating system with Intel's LMS running; 'oob-power off' and 'reset' do without";

Error not_on(std::string_view power, std::string_view what, std::string hint) {
    return Error(Class::precondition, "power.not_on",
                 join({"the host is ", power, ": there is nothing to ", what}), std::move(hint))
        .with("power", power);
}

Error asleep(std::string_view power, std::string_view why) {
    return Error(Class::precondition, "power.asleep",
                 join({"the host is in state ", power, ": ", why}), "use 'oob-power wake' first")
        .with("power", power);
}

/// What only a running host can be asked for.
Result<Step> ask_running(PowerAction action, const Survey& survey) {
    const std::string& power = survey.reading.power;
    const bool on = power == "on";
    const bool modern = on && survey.offers(PowerState::off_graceful) &&
                        !survey.offers(PowerState::sleep_deep) && !survey.offered.empty();
    switch (action) {
        case PowerAction::soft_off:
            if (power == "off") return Step{};
            if (!on) return std::unexpected(asleep(power, "nobody there shuts it down"));
            return Step{.request = PowerState::off_graceful,
                        .wanted = "off",
                        .words = "ask the operating system to shut down",
                        .needs_os = true};
        case PowerAction::soft_reset:
            if (!on) return std::unexpected(not_on(power, "restart", "use 'oob-power on'"));
            return Step{.request = PowerState::reset_graceful,
                        .words = "ask the operating system to restart",
                        .restart_reason = "2 Reset",
                        .needs_os = true};
        case PowerAction::sleep:
            if (power == "sleep" || survey.reading.os_power_saving == "saving") return Step{};
            if (!on) return std::unexpected(not_on(power, "send to sleep", "use 'oob-power on'"));
            if (modern && survey.reading.os_power_saving == "full")
                return Step{.saving = SavingState::saving,
                            .words = "ask the operating system to go into standby",
                            .needs_os = true};
            return Step{.request = PowerState::sleep_deep,
                        .wanted = "sleep",
                        .words = "ask the operating system to sleep",
                        .needs_os = true};
        case PowerAction::hibernate:
            if (power == "hibernate") return Step{};
            if (!on) return std::unexpected(not_on(power, "hibernate", "use 'oob-power on'"));
            return Step{.request = PowerState::hibernate,
                        .wanted = "hibernate",
                        .words = "ask the operating system to hibernate",
                        .needs_os = true};
        default:
            if (!on) return std::unexpected(not_on(power, "interrupt", "use 'oob-power on'"));
            return Step{.request = PowerState::interrupt,
                        .words = "raise the diagnostic interrupt (NMI)"};
    }
}

Step switch_on(const Survey& survey, std::string_view words) {
    if (survey.reading.power != "on") return Step{.request = PowerState::on, .words = words};
    if (survey.reading.os_power_saving == "saving")
        return Step{.saving = SavingState::full,
                    .words = "wake the operating system from standby",
                    .needs_os = true};
    return Step{};
}

}  // namespace

bool Survey::offers(PowerState state) const {
    return std::ranges::find(offered, static_cast<std::uint64_t>(state)) != offered.end();
}

std::string_view power_word(std::uint64_t state) {
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

std::optional<std::string> saving_word(std::uint64_t state) {
    switch (static_cast<SavingState>(state)) {
        case SavingState::unsupported:
            return "unsupported";
        case SavingState::full:
            return "full";
        case SavingState::saving:
            return "saving";
        default:
            return std::nullopt;
    }
}

Result<Step> step_for(PowerAction action, const Survey& survey) {
    const std::string& power = survey.reading.power;
    const bool on = power == "on";
    switch (action) {
        case PowerAction::on:
            return switch_on(survey, "switch on");
        case PowerAction::wake:
            if (power == "off") return std::unexpected(not_on(power, "wake", "use 'oob-power on'"));
            return switch_on(survey, "wake");
        case PowerAction::off:
            if (power == "off") return Step{};
            if (power == "hibernate")
                return std::unexpected(asleep(power, "it has no power left to cut"));
            return Step{.request = PowerState::off_soft,
                        .wanted = "off",
                        .words = "switch off without asking the operating system"};
        case PowerAction::cycle:
            // The firmware refuses to cycle a host that is off; switching on is what was meant.
            if (!on) return switch_on(survey, "switch on, because the host is not on");
            return Step{.request = PowerState::cycle_soft,
                        .words = "switch off and on again",
                        .restart_reason = "2 Power Cycle"};
        case PowerAction::reset:
            if (!on)
                return std::unexpected(
                    not_on(power, "reset", "use 'oob-power on' or 'oob-power cycle'"));
            return Step{.request = PowerState::reset,
                        .words = "press the reset button",
                        .restart_reason = "2 Reset"};
        default:
            return ask_running(action, survey);
    }
}

std::optional<Error> objection(const Step& step, const Survey& survey,
                               const std::vector<std::uint64_t>& supported) {
    if (!step.request || survey.offers(*step.request)) return std::nullopt;
    const PowerState state = *step.request;
    const auto number = static_cast<std::uint64_t>(state);
    const bool listed = std::ranges::find(supported, number) != supported.end();
    // Every AMT has the plain ones: what it answers says more than what it lists. Sleep and
    // hibernation are not in the list of what a machine supports even where it offers them.
    const bool optional = step.needs_os || state == PowerState::interrupt;
    if (!optional || (survey.offered.empty() && (listed || supported.empty()))) return std::nullopt;
    const bool sleeps = state == PowerState::sleep_deep || state == PowerState::hibernate;
    const bool os_runs = survey.offers(PowerState::off_graceful);
    const bool never = survey.offered.empty() || (sleeps ? os_runs : !listed && !supported.empty());
    if (never)
        return Error(Class::unsupported, "unsupported.power_state",
                     "this machine's firmware does not offer that power state",
                     "graceful actions, sleep and NMI came with AMT 9; a machine with Modern "
                     "Standby has no sleep state of its own")
            .with("power_state", number);
    return Error(Class::precondition, "power.no_os",
                 "the firmware does not offer that now: no operating system takes part",
                 std::string(hint_no_os))
        .with("power_state", number);
}

Error session_busy(const std::vector<std::string>& sessions) {
    std::string open;
    for (const auto& name : sessions) open += join({open.empty() ? "" : ", ", name});
    return Error(Class::session_busy, "session_busy.redirection",
                 join({"a redirection session is open", open.empty() ? "" : " (", open,
                       open.empty() ? "" : ")", ": the firmware does not switch the host"}),
                 "close it, or let --close-sessions do it");
}

Error refusal(const Step& step, std::string_view power, std::uint32_t return_value,
              const std::vector<std::string>& sessions) {
    constexpr std::uint32_t not_supported = 1;
    constexpr std::uint32_t unspecified = 2;
    constexpr std::uint32_t in_use = 6;
    constexpr std::uint32_t busy = 4099;
    constexpr std::string_view method = "RequestPowerStateChange";
    const auto name =
        codec::wsman::return_value_name("CIM_PowerManagementService", method, return_value);
    const std::string words = join({method, " answered ", std::to_string(return_value),
                                    name.empty() ? "" : " ", name, " while the host was ", power});
    Error error(Class::firmware, "firmware.return_value", words,
                "the firmware refused; look at 'oob-power status' and try again");
    if (return_value == in_use || (step.cuts_power() && !sessions.empty()))
        error = session_busy(sessions);
    else if (return_value == busy)
        error = Error(Class::precondition, "power.busy",
                      "the firmware is still carrying out another power change",
                      "wait until it is done, then look at 'oob-power status'");
    else if (return_value == not_supported)
        error = Error(Class::unsupported, "unsupported.power_state", words,
                      "this firmware does not offer that power state");
    else if (return_value == unspecified && step.needs_os)
        error = Error(Class::precondition, "power.no_os", words, std::string(hint_no_os));
    error.with("method", method).with("return_value", return_value);
    if (!name.empty()) error.with("return_name", name);
    return error;
}

Error not_reached(std::string_view wanted, const PowerReading& found) {
    return Error(Class::verify, "verify.power",
                 join({"the device accepted, but the host is ", found.power, " and not ", wanted,
                       "; it may still happen later"}),
                 join({"do not repeat it blindly: 'oob-power wait ", wanted,
                       "' tells when it happened, --timeout gives it longer"}))
        .with("power", found.power);
}

Error not_restarted(const std::optional<std::string>& reason) {
    Error error(Class::verify, "verify.restart",
                "the device accepted, but the host shows no restart; it may still happen later",
                "do not repeat it blindly: look at the host's console first");
    if (reason) error.with("boot_reason", *reason);
    return error;
}

}  // namespace oob::plane::amt
