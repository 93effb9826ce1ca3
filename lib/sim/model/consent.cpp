#include "sim/model/consent.h"

#include "sim/model/faults.h"
#include "sim/model/machine.h"

#include <array>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

constexpr std::chrono::seconds until_displayed{1};
constexpr unsigned most_wrong_codes = 3;
constexpr std::uint32_t opt_in_invalid_state = 2;
constexpr std::uint32_t opt_in_failed = 4;

void enter(Machine& machine, ConsentState state) {
    machine.consent.state = state;
    machine.consent.since = machine.now();
}

void end_consent(Machine& machine) {
    machine.consent.code = 0;
    machine.consent.wrong_codes = 0;
    enter(machine, ConsentState::idle);
    if ((consent_required(machine) & ~consent_for_kvm) != 0) clear_boot(machine);
}

/// Six digits that differ from device to device and from request to request, the same in every run.
std::uint32_t next_code(Machine& machine) {
    std::uint32_t mix = machine.identity.number * 2654435761U + 0x9e3779b9U;
    mix ^= ++machine.consent.codes_made * 40503U;
    mix ^= mix >> 15;
    return 100000 + mix % 900000;
}

Outcome start_opt_in(Call& call) {
    Machine& machine = call.machine;
    if (machine.consent.state != ConsentState::idle) return returned(opt_in_invalid_state);
    if (consent_required(machine) == consent_for_nothing) return returned(opt_in_invalid_state);
    machine.consent.code = next_code(machine);
    machine.consent.wrong_codes = 0;
    enter(machine, ConsentState::requested);
    return returned(0);
}

Outcome send_code(Call& call) {
    Machine& machine = call.machine;
    if (machine.consent.state != ConsentState::displayed) return returned(opt_in_invalid_state);
    const auto code = wsman::number_of(call.request.body, "OptInCode");
    if (code && *code == machine.consent.code) {
        machine.consent.code = 0;
        enter(machine, machine.redirection.open_sessions() > 0 ? ConsentState::in_session
                                                               : ConsentState::received);
        return returned(0);
    }
    if (++machine.consent.wrong_codes >= most_wrong_codes) end_consent(machine);
    return returned(opt_in_failed);
}

Outcome cancel_opt_in(Call& call) {
    end_consent(call.machine);
    return returned(0);
}

Checked put_opt_in(Call& call, Store::Id, Members& changes) {
    Machine& machine = call.machine;
    const auto invalid = std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
    const auto policy = wsman::number_of(changes, "OptInRequired");
    const auto code = wsman::number_of(changes, "OptInCodeTimeout");
    const auto display = wsman::number_of(changes, "OptInDisplayTimeout");
    if (policy && *policy != consent_for_nothing && *policy != consent_for_kvm &&
        *policy != consent_for_all)
        return invalid;
    if (code && (*code < 60 || *code > 900)) return invalid;
    if (display && (*display < 10 || *display > 4095)) return invalid;
    const bool changes_policy = policy && *policy != consent_required(machine);
    if (changes_policy && !machine.admin_mode()) return std::unexpected(fault("e:AccessDenied"));
    if (policy && machine.admin_mode())
        machine.consent.policy = static_cast<std::uint32_t>(*policy);
    if (code) machine.consent.code_timeout = std::chrono::seconds(*code);
    if (display) machine.consent.display_timeout = std::chrono::seconds(*display);
    changes.clear();
    return {};
}

void advance_consent(Machine& machine) {
    Consent& consent = machine.consent;
    const auto waited = machine.now() - consent.since;
    if (consent.state == ConsentState::requested && machine.power.state == HostState::on &&
        waited >= until_displayed) {
        const auto shown = consent.since + until_displayed;
        enter(machine, ConsentState::displayed);
        consent.since = shown;
    }
    const bool waits =
        consent.state == ConsentState::requested || consent.state == ConsentState::displayed;
    const auto age = machine.now() - consent.since;
    if (waits && age >= consent.display_timeout) end_consent(machine);
    if (consent.state == ConsentState::received && age >= consent.code_timeout)
        end_consent(machine);
}

constexpr std::array<std::string_view, 5> state_names{"idle", "requested", "displayed", "received",
                                                      "in_session"};

bool write_state(Machine& machine, const Value& value) {
    for (std::size_t i = 0; i < state_names.size(); ++i) {
        if (state_names[i] != value.text()) continue;
        const auto state = static_cast<ConsentState>(i);
        if (state == ConsentState::idle) {
            end_consent(machine);
            return true;
        }
        const bool shown = state == ConsentState::requested || state == ConsentState::displayed;
        machine.consent.code = shown ? next_code(machine) : 0;
        enter(machine, state);
        return true;
    }
    return false;
}

bool write_policy(Machine& machine, const Value& value) {
    if (value.text() == "none")
        machine.consent.policy = consent_for_nothing;
    else if (value.text() == "kvm")
        machine.consent.policy = consent_for_kvm;
    else if (value.text() == "all")
        machine.consent.policy = consent_for_all;
    else
        return false;
    return true;
}

Value read_policy(const Machine& machine) {
    switch (consent_required(machine)) {
        case consent_for_nothing:
            return "none";
        case consent_for_kvm:
            return "kvm";
        default:
            return "all";
    }
}

constexpr std::array<Method, 3> methods{{
    {"IPS_OptInService", "StartOptIn", 2, start_opt_in},
    {"IPS_OptInService", "SendOptInCode", 2, send_code},
    {"IPS_OptInService", "CancelOptIn", 2, cancel_opt_in},
}};
constexpr std::array<PutRule, 1> puts{{{"IPS_OptInService", put_opt_in}}};

constexpr std::array<LiveValue, 5> live_values{{
    {"consent.required",
     [](const Machine& machine) { return text_of_number(consent_required(machine)); }},
    {"consent.state",
     [](const Machine& machine) {
         return text_of_number(static_cast<unsigned>(machine.consent.state));
     }},
    {"consent.can_modify",
     [](const Machine& machine) { return text_of_number(machine.admin_mode() ? 1 : 0); }},
    {"consent.code_timeout",
     [](const Machine& machine) {
         return text_of_number(static_cast<std::uint64_t>(machine.consent.code_timeout.count()));
     }},
    {"consent.display_timeout",
     [](const Machine& machine) {
         return text_of_number(static_cast<std::uint64_t>(machine.consent.display_timeout.count()));
     }},
}};

constexpr std::array<StateEntry, 3> state_entries{{
    {"consent.policy", read_policy, write_policy},
    {"consent.state",
     [](const Machine& machine) {
         return Value(state_names[static_cast<std::size_t>(machine.consent.state)]);
     },
     write_state},
    {"consent.code",
     [](const Machine& machine) {
         return machine.consent.code == 0 ? Value() : Value(std::to_string(machine.consent.code));
     },
     nullptr},
}};

}  // namespace

std::uint32_t consent_required(const Machine& machine) {
    return machine.client_mode() ? consent_for_all : machine.consent.policy;
}

Checked consent_for_boot(const Machine& machine) {
    if (machine.personality->quirk("consent_boot", 1) == 0) return {};
    if (consent_required(machine) != consent_for_all) return {};
    const ConsentState state = machine.consent.state;
    if (state == ConsentState::received || state == ConsentState::in_session) return {};
    return std::unexpected(fault("e:AccessDenied"));
}

void consent_sees_sessions(Machine& machine, std::size_t before, std::size_t after) {
    if (before == 0 && after > 0 && machine.consent.state == ConsentState::received)
        enter(machine, ConsentState::in_session);
    if (before > 0 && after == 0 && machine.consent.state == ConsentState::in_session)
        enter(machine, ConsentState::received);
}

const Feature& consent_feature() {
    static const Feature feature{methods,       puts,           {}, {}, live_values,
                                 state_entries, advance_consent};
    return feature;
}

}  // namespace oob::sim
