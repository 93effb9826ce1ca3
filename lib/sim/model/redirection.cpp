#include "sim/model/redirection.h"

#include "codec/wsman/instance.h"
#include "codec/wsman/schema.h"
#include "sim/model/faults.h"
#include "sim/model/machine.h"

#include <array>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

constexpr std::uint64_t both_off = 32768;
constexpr std::uint64_t both_on = 32771;
constexpr std::uint64_t ider_bit = 1;
constexpr std::uint64_t sol_bit = 2;
constexpr std::uint64_t cim_enabled = 2;
constexpr std::uint64_t cim_disabled = 3;
constexpr std::uint64_t cim_offline = 6;

bool wants_timeout(const Call& call) {
    const Member* member = wsman::find(call.request.body, "TimeoutPeriod");
    return member && member->kind != Member::Kind::null;
}

constexpr std::array every_kind{Redirected::sol, Redirected::ider, Redirected::kvm};

const char* association_of(Redirected kind) {
    switch (kind) {
        case Redirected::sol:
            return "IPS_SolSessionUsingPort";
        case Redirected::ider:
            return "IPS_IderSessionUsingPort";
        case Redirected::kvm:
            return "IPS_KvmSessionUsingPort";
    }
    return "";
}

wsman::Member reference(Machine& machine, std::string name, std::string_view class_name) {
    const auto ids = machine.store.all(class_name);
    Members keys = ids.empty() ? Members() : machine.store.keys(ids.front());
    return wsman::reference_member(std::move(name), take(wsman::resource_uri(class_name)),
                                   std::move(keys));
}

/// Sessions are told as an association of their kind, which is there while they are (reference
/// wsman-classes, C4).
void set_sessions(Machine& machine, Redirected kind, std::size_t count) {
    Redirection::Sessions& sessions = machine.redirection.of(kind);
    const std::size_t before = machine.redirection.open_sessions();
    sessions.count = count;
    consent_sees_sessions(machine, before, machine.redirection.open_sessions());
    if (count > 0 && !sessions.association) {
        Members members{reference(machine, "Antecedent", "CIM_EthernetPort"),
                        reference(machine, "Dependent",
                                  kind == Redirected::kvm ? "CIM_KVMRedirectionSAP"
                                                          : "AMT_RedirectionService")};
        sessions.association = machine.store.add(association_of(kind), std::move(members));
    }
    if (count == 0 && sessions.association) {
        if (machine.store.exists(*sessions.association))
            machine.store.remove(*sessions.association);
        sessions.association.reset();
    }
}

void drop_sessions(Machine& machine, Redirected kind) {
    set_sessions(machine, kind, 0);
    ++machine.redirection.of(kind).drops;
}

/// Open sessions end when nothing may be redirected any more.
void drop_sessions(Machine& machine) {
    for (const Redirected kind : every_kind) drop_sessions(machine, kind);
}

Outcome change_redirection(Call& call) {
    Redirection& redirection = call.machine.redirection;
    const auto wanted = wsman::number_of(call.request.body, "RequestedState");
    if (wants_timeout(call)) return returned(cim_timeout_parameter);
    if (!wanted) return returned(cim_invalid_parameter);
    if (*wanted == cim_enabled || *wanted == cim_disabled) {
        redirection.ider = redirection.sol = *wanted == cim_enabled;
    } else if (*wanted >= both_off && *wanted <= both_on) {
        redirection.ider = ((*wanted - both_off) & ider_bit) != 0;
        redirection.sol = ((*wanted - both_off) & sol_bit) != 0;
    } else {
        return returned(cim_invalid_parameter);
    }
    if (!redirection_open(call.machine)) drop_sessions(call.machine);
    return returned(0);
}

/// SessionType: 0 IDER, 1 SOL.
Outcome terminate_session(Call& call) {
    const auto type = wsman::number_of(call.request.body, "SessionType");
    if (!type || *type > 1) return returned(cim_invalid_parameter);
    drop_sessions(call.machine, *type == 0 ? Redirected::ider : Redirected::sol);
    return returned(0);
}

Outcome terminate_screen(Call& call) {
    drop_sessions(call.machine, Redirected::kvm);
    return returned(0);
}

Outcome change_kvm(Call& call) {
    const auto wanted = wsman::number_of(call.request.body, "RequestedState");
    if (wants_timeout(call)) return returned(cim_timeout_parameter);
    if (!wanted || (*wanted != cim_enabled && *wanted != cim_disabled))
        return returned(cim_invalid_parameter);
    call.machine.redirection.kvm = *wanted == cim_enabled;
    call.machine.redirection.kvm_requested = static_cast<unsigned>(*wanted);
    if (!redirection_open(call.machine)) drop_sessions(call.machine);
    return returned(0);
}

Outcome change_web_ui(Call& call) {
    const auto wanted = wsman::number_of(call.request.body, "RequestedState");
    if (!wanted || (*wanted != cim_enabled && *wanted != cim_disabled))
        return returned(cim_invalid_parameter);
    call.machine.redirection.web_ui = *wanted == cim_enabled;
    return returned(0);
}

/// Only ListenerEnabled counts: clients put different things into EnabledState (reference
/// wsman, 4.6).
Checked put_redirection(Call& call, Store::Id, Members& changes) {
    if (const auto listener = wsman::truth_of(changes, "ListenerEnabled"))
        call.machine.redirection.listener = *listener;
    if (!redirection_open(call.machine)) drop_sessions(call.machine);
    changes.clear();
    return {};
}

/// An empty password is refused; a good one is accepted and forgotten (reference wsman, 4.6).
Checked put_kvm_settings(Call& call, Store::Id, Members& changes) {
    constexpr std::size_t password_length = 8;
    if (const auto password = wsman::text_of(call.request.body, "RFBPassword"))
        if (password->size() != password_length)
            return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
    constexpr std::uint64_t longest_session = 255;
    const auto timeout = wsman::number_of(changes, "SessionTimeout");
    if (timeout && *timeout > longest_session)
        return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
    const auto consent = wsman::truth_of(changes, "OptInPolicy");
    if (consent && !*consent && !call.machine.admin_mode())
        return std::unexpected(fault("e:AccessDenied"));
    return {};
}

bool has_kvm(const Machine& machine) { return machine.personality->quirk("kvm", 1) != 0; }

bool write_sessions(Machine& machine, const Value& value) {
    const std::int64_t count = value.integer(-1);
    if (count < 0 || count > static_cast<std::int64_t>(Redirection::most_sessions)) return false;
    // Whose they are is not said: somebody looks at the screen.
    for (const Redirected kind : every_kind) set_sessions(machine, kind, 0);
    set_sessions(machine, Redirected::kvm, static_cast<std::size_t>(count));
    return true;
}

template <bool Redirection::* flag>
Value read_flag(const Machine& machine) {
    return machine.redirection.*flag;
}

template <bool Redirection::* flag>
bool write_flag(Machine& machine, const Value& value) {
    if (value != Value(true) && value != Value(false)) return false;
    machine.redirection.*flag = value.truth();
    if (!redirection_open(machine)) drop_sessions(machine);
    return true;
}

constexpr std::array<Method, 5> methods{{
    {"AMT_RedirectionService", "RequestStateChange", 3, change_redirection},
    {"AMT_RedirectionService", "TerminateSession", 2, terminate_session},
    {"CIM_KVMRedirectionSAP", "RequestStateChange", 3, change_kvm},
    {"IPS_KVMRedirectionSettingData", "TerminateSession", 2, terminate_screen},
    {"AMT_WebUIService", "RequestStateChange", 3, change_web_ui},
}};
constexpr std::array<PutRule, 2> puts{{
    {"AMT_RedirectionService", put_redirection},
    {"IPS_KVMRedirectionSettingData", put_kvm_settings},
}};

constexpr std::array<LiveValue, 6> live_values{{
    {"redirection.enabled_state",
     [](const Machine& machine) {
         return text_of_number(both_off + (machine.redirection.ider ? ider_bit : 0) +
                               (machine.redirection.sol ? sol_bit : 0));
     }},
    {"redirection.listener",
     [](const Machine& machine) { return text_of_flag(machine.redirection.listener); }},
    {"kvm.enabled_state",
     [](const Machine& machine) {
         if (!machine.redirection.kvm) return text_of_number(cim_disabled);
         return text_of_number(machine.redirection.of(Redirected::kvm).count > 0 ? cim_enabled
                                                                                 : cim_offline);
     }},
    {"kvm.requested_state",
     [](const Machine& machine) { return text_of_number(machine.redirection.kvm_requested); }},
    {"kvm.service_state",
     [](const Machine& machine) {
         return text_of_number(machine.redirection.kvm ? cim_enabled : cim_disabled);
     }},
    {"web_ui.enabled_state",
     [](const Machine& machine) {
         return text_of_number(machine.redirection.web_ui ? cim_enabled : cim_disabled);
     }},
}};

constexpr std::array<StateEntry, 5> state_entries{{
    {"redirection.sol", read_flag<&Redirection::sol>, write_flag<&Redirection::sol>},
    {"redirection.ider", read_flag<&Redirection::ider>, write_flag<&Redirection::ider>},
    {"redirection.kvm", read_flag<&Redirection::kvm>, write_flag<&Redirection::kvm>},
    {"redirection.listener", read_flag<&Redirection::listener>, write_flag<&Redirection::listener>},
    {"redirection.sessions",
     [](const Machine& machine) { return Value(machine.redirection.open_sessions()); },
     write_sessions},
}};

}  // namespace

std::size_t Redirection::open_sessions() const {
    std::size_t out = 0;
    for (const Sessions& each : sessions) out += each.count;
    return out;
}

void count_session(Machine& machine, Redirected kind, bool open) {
    const std::size_t count = machine.redirection.of(kind).count;
    if (open && count < Redirection::most_sessions) set_sessions(machine, kind, count + 1);
    if (!open && count > 0) set_sessions(machine, kind, count - 1);
}

bool redirection_open(const Machine& machine) {
    const Redirection& redirection = machine.redirection;
    const bool something =
        redirection.ider || redirection.sol || (redirection.kvm && has_kvm(machine));
    return redirection.listener && something;
}

const Feature& redirection_feature() {
    static const Feature feature{methods, puts, {}, {}, live_values, state_entries, nullptr};
    return feature;
}

}  // namespace oob::sim
