#include "sim/model/power.h"

#include "sim/model/machine.h"

#include <algorithm>
#include <array>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

constexpr unsigned from_on = 1;
constexpr unsigned from_sleep = 2;
constexpr unsigned from_hibernate = 4;
constexpr unsigned from_off = 8;

/// What a requested power state does (reference wsman, section 4.2).
struct Action {
    unsigned number;
    unsigned from;
    bool graceful;    ///< AMT 9 and later
    bool needs_os;    ///< answers "unknown error" without LMS
    bool sleeps;      ///< not on Modern Standby machines
    bool cuts_power;  ///< refused while a redirection session is open
    HostState target;
    bool boots;
    std::string_view details;
};

constexpr std::array<Action, 9> actions{{
    {2, from_sleep | from_hibernate | from_off, false, false, false, false, HostState::on, true,
     "Power Up"},
    {10, from_on, false, false, false, false, HostState::on, true, "Reset"},
    {8, from_on | from_sleep, false, false, false, true, HostState::off, false, ""},
    {5, from_on, false, false, false, true, HostState::on, true, "Power Cycle"},
    {11, from_on, true, false, false, false, HostState::on, false, ""},
    {4, from_on, true, true, true, false, HostState::sleep, false, ""},
    {7, from_on, true, true, true, false, HostState::hibernate, false, ""},
    {14, from_on, true, true, false, false, HostState::on, true, "Reset"},
    {12, from_on, true, true, false, true, HostState::off, false, ""},
}};
constexpr unsigned action_cycle = 5;
constexpr unsigned action_interrupt = 11;

unsigned bit_of(HostState state) {
    switch (state) {
        case HostState::on:
            return from_on;
        case HostState::sleep:
            return from_sleep;
        case HostState::hibernate:
            return from_hibernate;
        case HostState::off:
            return from_off;
    }
    return 0;
}

bool offered(const Machine& machine, const Action& action) {
    if (action.graceful && machine.personality->quirk("graceful", 1) == 0) return false;
    return !action.sleeps || machine.personality->quirk("modern_standby", 0) == 0;
}

bool possible(const Machine& machine, const Action& action) {
    if (!offered(machine, action)) return false;
    if ((action.from & bit_of(machine.power.state)) == 0) return false;
    return !action.needs_os || os_answers(machine);
}

bool blocked_by_session(const Machine& machine, const Action& action) {
    if (!action.cuts_power || machine.redirection.open_sessions() == 0) return false;
    const bool cycle = action.number == action_cycle;
    return !cycle || machine.personality->quirk("cycle_in_session", 1) == 0;
}

/// The ManagedElement is the host, or is not said.
bool names_host(const Members& parameters) {
    const Member* element = wsman::find(parameters, "ManagedElement");
    if (!element) return true;
    const auto name = wsman::text_of(element->members, "Name");
    return element->kind == Member::Kind::reference && (!name || *name == "ManagedSystem");
}

bool has_value(const Members& parameters, std::string_view name) {
    const Member* member = wsman::find(parameters, name);
    return member && member->kind != Member::Kind::null;
}

std::uint32_t refuse_or_begin(Machine& machine, const Action& action) {
    const Personality& personality = *machine.personality;
    if (machine.power.pending)
        return static_cast<std::uint32_t>(personality.quirk("busy_return", 4099));
    if (!offered(machine, action)) return cim_not_supported;
    const bool already = action.target == machine.power.state && !action.boots;
    const bool wakes_running = action.number == 2 && machine.power.state == HostState::on;
    if (wakes_running || (already && action.number != action_interrupt))
        return static_cast<std::uint32_t>(personality.quirk("power_same_state", 0));
    if (!possible(machine, action)) return cim_unknown_error;
    if (blocked_by_session(machine, action))
        return static_cast<std::uint32_t>(personality.quirk("session_return", 6));
    if (action.number == action_interrupt) {
        log_event(machine, host_lock_up_event());
        return 0;
    }
    const bool resumes = machine.power.state == HostState::sleep && action.number == 2;
    begin_change(machine, {action.target,
                           action.boots && !resumes,
                           BootCause::remote,
                           std::string(action.details),
                           {},
                           action.number == action_cycle});
    return 0;
}

Outcome request_power_state(Call& call) {
    const Members& parameters = call.request.body;
    const auto wanted = wsman::number_of(parameters, "PowerState");
    if (!wanted || !names_host(parameters)) return returned(cim_invalid_parameter);
    if (has_value(parameters, "TimeoutPeriod")) return returned(cim_timeout_parameter);
    if (has_value(parameters, "Time")) return returned(cim_invalid_parameter);
    const auto* action = std::ranges::find(actions, *wanted, &Action::number);
    if (action == actions.end())
        return returned(*wanted >= 1 && *wanted <= 16 ? cim_not_supported : cim_invalid_parameter);
    return returned(refuse_or_begin(call.machine, *action));
}

Outcome request_power_saving(Call& call) {
    Machine& machine = call.machine;
    const auto wanted = wsman::number_of(call.request.body, "OSPowerSavingState");
    if (!wanted || (*wanted != 2 && *wanted != 3)) return returned(cim_invalid_parameter);
    if (!os_answers(machine)) return returned(cim_unknown_error);
    const bool saves = *wanted == 3;
    if (saves && machine.personality->quirk("modern_standby", 0) == 0)
        return returned(cim_not_supported);
    machine.power.os_saving = saves;
    return returned(0);
}

Outcome set_power_scheme(Call& call) {
    const auto id = call.machine.store.find("AMT_SystemPowerScheme", call.request.selectors);
    if (!id) return returned(pt_invalid_parameter);
    const std::string name = call.machine.store.text(*id, "InstanceID");
    call.machine.power.scheme = name == "SCHEME 0" ? 0 : 1;
    return returned(0);
}

/// The host is up again: options are used up, an operating system may run.
void start_host(Machine& machine, const Power::Change& change) {
    Power& power = machine.power;
    power.cause = change.cause;
    power.cause_details = change.details;
    power.previous_sleep = power.state == HostState::on          ? 0
                           : power.state == HostState::sleep     ? 3
                           : power.state == HostState::hibernate ? 4
                                                                 : 5;
    power.os_saving = false;
    power.state = HostState::on;
    power.os_up = boot_host(machine);
}

void finish(Machine& machine) {
    const Power::Change change = *machine.power.pending;
    machine.power.pending.reset();
    if (change.boots) {
        ++machine.power.starts;
        start_host(machine, change);
        return;
    }
    machine.power.state = change.target;
    if (change.target == HostState::off) machine.power.os_up = false;
    machine.power.os_saving = false;
}

void advance_power(Machine& machine) {
    Power& power = machine.power;
    if (!power.pending) return;
    if (power.pending->due <= machine.now()) {
        finish(machine);
        return;
    }
    if (!power.pending->through_off || machine.now() < power.pending->due - power.delay / 2) return;
    power.state = HostState::off;
    power.os_up = false;
}

Texts available_states(const Machine& machine) {
    if (machine.personality->quirk("available_states", 1) == 0) return {};
    // The order of a recorded answer: 10 8 5 11 4 7 14 12 for a host that is on.
    constexpr std::array<unsigned, 9> order{2, 10, 8, 5, 11, 4, 7, 14, 12};
    Texts out;
    for (const unsigned number : order) {
        const auto* action = std::ranges::find(actions, number, &Action::number);
        const bool interrupt_needs_os = number == action_interrupt && !os_answers(machine);
        if (possible(machine, *action) && !interrupt_needs_os)
            out.push_back(std::to_string(number));
    }
    return out;
}

constexpr std::array<std::pair<HostState, std::string_view>, 4> state_names{
    {{HostState::on, "on"},
     {HostState::sleep, "sleep"},
     {HostState::hibernate, "hibernate"},
     {HostState::off, "off"}}};

Value read_power(const Machine& machine) {
    for (const auto& [state, name] : state_names)
        if (state == machine.power.state) return name;
    return {};
}

bool write_power(Machine& machine, const Value& value) {
    for (const auto& [state, name] : state_names) {
        if (name != value.text()) continue;
        force_state(machine, state);
        return true;
    }
    return false;
}

bool write_delay(Machine& machine, const Value& value) {
    constexpr std::int64_t longest_ms = 3'600'000;
    const std::int64_t delay = value.integer(-1);
    if (delay < 0 || delay > longest_ms) return false;
    machine.power.delay = std::chrono::milliseconds(delay);
    return true;
}

bool write_os(Machine& machine, const Value& value) {
    if (value.text() != "running" && value.text() != "none") return false;
    machine.power.os_installed = value.text() == "running";
    machine.power.os_up = machine.power.os_installed;
    return true;
}

constexpr std::array<Method, 3> methods{{
    {"CIM_PowerManagementService", "RequestPowerStateChange", 5, request_power_state},
    {"IPS_PowerManagementService", "RequestOSPowerSavingStateChange", 5, request_power_saving},
    {"AMT_SystemPowerScheme", "SetPowerScheme", 3, set_power_scheme},
}};

constexpr std::array<LiveValue, 8> live_values{{
    {"power.state",
     [](const Machine& machine) {
         return text_of_number(static_cast<unsigned>(machine.power.state));
     }},
    {"power.available", available_states},
    {"power.saving",
     [](const Machine& machine) {
         return text_of_number(!os_answers(machine) ? 0 : machine.power.os_saving ? 3 : 2);
     }},
    {"reason.code",
     [](const Machine& machine) {
         return text_of_number(static_cast<unsigned>(machine.power.cause));
     }},
    {"reason.details", [](const Machine& machine) { return Texts{machine.power.cause_details}; }},
    {"reason.previous",
     [](const Machine& machine) { return text_of_number(machine.power.previous_sleep); }},
    {"scheme.0",
     [](const Machine& machine) { return text_of_number(machine.power.scheme == 0 ? 1 : 2); }},
    {"scheme.1",
     [](const Machine& machine) { return text_of_number(machine.power.scheme == 1 ? 1 : 2); }},
}};

constexpr std::array<StateEntry, 4> state_entries{{
    {"power", read_power, write_power},
    {"power_delay_ms", [](const Machine& machine) { return Value(machine.power.delay.count()); },
     write_delay},
    {"power_changing",
     [](const Machine& machine) { return Value(machine.power.pending.has_value()); }, nullptr},
    {"os", [](const Machine& machine) { return Value(os_answers(machine) ? "running" : "none"); },
     write_os},
}};

}  // namespace

bool os_answers(const Machine& machine) {
    return machine.power.state == HostState::on && machine.power.os_up;
}

void begin_change(Machine& machine, Power::Change change) {
    change.due = machine.now() + machine.power.delay;
    machine.power.pending = std::move(change);
    if (machine.power.delay.count() == 0) finish(machine);
}

void force_state(Machine& machine, HostState state) {
    machine.power.pending =
        Power::Change{state,
                      state == HostState::on && machine.power.state != HostState::on,
                      BootCause::other,
                      {},
                      machine.now()};
    finish(machine);
}

const Feature& power_feature() {
    static const Feature feature{methods, {}, {}, {}, live_values, state_entries, advance_power};
    return feature;
}

}  // namespace oob::sim
