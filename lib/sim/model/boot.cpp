#include "sim/model/boot.h"

#include "core/text.h"
#include "sim/model/boot_options.h"
#include "sim/model/faults.h"
#include "sim/model/machine.h"

#include <algorithm>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

constexpr std::string_view source_disk = "Intel(r) AMT: Force Hard-drive Boot";
constexpr std::string_view source_https = "Intel(r) AMT: Force OCR UEFI HTTPS Boot";
constexpr std::string_view source_pxe = "Intel(r) AMT: Force PXE Boot";
constexpr std::string_view source_cd = "Intel(r) AMT: Force CD/DVD Boot";
constexpr std::string_view source_diagnostic = "Intel(r) AMT: Force Diagnostic Boot";

// CIM_BootService states (reference wsman-classes, C3).
constexpr std::uint32_t service_all_off = 32768;
constexpr std::uint32_t service_recovery = 32769;
constexpr std::uint32_t service_erase = 32770;
constexpr std::uint32_t service_both = 32771;

bool is_recovery(std::string_view source) { return source.find("OCR") != std::string_view::npos; }

/// The media index must be 0 for everything but disks and CDs; recovery needs its service on.
bool source_allowed(const Boot& boot, std::string_view source) {
    if (excludes_source(boot.options)) return false;
    const bool indexed = source == source_disk || source == source_cd;
    if (!indexed && boot.options[media_index] != 0) return false;
    if (!is_recovery(source)) return true;
    return boot.service_state == service_recovery || boot.service_state == service_both;
}

Checked check_erase(const Call& call, bool parameters) {
    const Boot& boot = call.machine.boot;
    if (!call.caller.tls) return std::unexpected(fault("e:AccessDenied"));
    const bool armed = boot.service_state == service_erase || boot.service_state == service_both;
    if (!parameters && !armed)
        return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
    return {};
}

Checked put_boot_settings(Call& call, Store::Id, Members& changes) {
    Machine& machine = call.machine;
    if (auto allowed = consent_for_boot(machine); !allowed) return allowed;
    auto chosen = requested_options(machine.boot, changes);
    if (!chosen) return std::unexpected(chosen.error());
    if (!machine.boot.source.empty() && excludes_source(*chosen))
        return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
    constexpr std::uint32_t most_verbose = 3;
    if ((*chosen)[verbosity] > most_verbose || (*chosen)[ider_device] > 1)
        return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
    if (machine.client_mode()) (*chosen)[secure_boot] = 1;
    const auto parameters = wsman::text_of(changes, "UefiBootParametersArray");
    if (parameters && !parameters->empty()) {
        constexpr std::size_t longest_parameters = 1024;
        const auto bytes = base64_decode(*parameters);
        if (!bytes || bytes->size() > longest_parameters)
            return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
        if (auto allowed = check_erase(call, true); !allowed) return allowed;
    }
    if ((*chosen)[platform_erase] != 0)
        if (auto allowed = check_erase(call, false); !allowed) return allowed;
    machine.boot.options = *chosen;
    if (parameters) machine.boot.parameters = *parameters;
    machine.boot.options_cleared = false;
    changes.clear();
    return {};
}

Outcome change_boot_order(Call& call) {
    Machine& machine = call.machine;
    const Member* source = wsman::find(call.request.body, "Source");
    if (!source) source = wsman::find(call.request.body, "source");
    if (!source || source->kind == Member::Kind::null ||
        (source->kind == Member::Kind::text && source->text.empty())) {
        machine.boot.source.clear();
        return returned(0);
    }
    if (const auto allowed = consent_for_boot(machine); !allowed)
        return machine.personality->quirk("consent_fault", 1) != 0
                   ? Outcome(std::unexpected(allowed.error()))
                   : Outcome(returned(6));
    constexpr std::uint32_t invalid_reference = 4;
    if (source->kind != Member::Kind::reference) return returned(cim_invalid_parameter);
    const auto id = machine.store.find("CIM_BootSourceSetting", source->members);
    if (!id || source->members.empty()) return returned(invalid_reference);
    std::string name = machine.store.text(*id, "InstanceID");
    if (!source_allowed(machine.boot, name)) return returned(cim_invalid_parameter);
    machine.boot.source = std::move(name);
    return returned(0);
}

Outcome set_boot_config_role(Call& call) {
    Machine& machine = call.machine;
    constexpr std::uint64_t next_single_use = 1;
    constexpr std::uint64_t not_next = 32768;
    const auto role = wsman::number_of(call.request.body, "Role");
    if (!role || (*role != next_single_use && *role != not_next))
        return returned(cim_invalid_parameter);
    const Member* setting = wsman::find(call.request.body, "BootConfigSetting");
    if (setting && !machine.store.find("CIM_BootConfigSetting", setting->members))
        return returned(4);
    if (*role == next_single_use)
        if (const auto allowed = consent_for_boot(machine); !allowed)
            return machine.personality->quirk("consent_fault", 1) != 0
                       ? Outcome(std::unexpected(allowed.error()))
                       : Outcome(returned(6));
    if (machine.personality->quirk("boot_role", 1) != 0)
        machine.boot.next_single_use = *role == next_single_use;
    return returned(0);
}

Outcome change_boot_service(Call& call) {
    const auto wanted = wsman::number_of(call.request.body, "RequestedState");
    if (call.machine.personality->quirk("boot_service_state", 0) == 0)
        return returned(cim_not_supported);
    if (!wanted || *wanted < service_all_off || *wanted > service_both)
        return returned(cim_invalid_parameter);
    const bool erases = *wanted == service_erase || *wanted == service_both;
    if (erases && call.machine.personality->version.major < 16) return returned(cim_not_supported);
    call.machine.boot.service_state = static_cast<std::uint32_t>(*wanted);
    return returned(0);
}

/// Where the host starts from, by the chosen source.
std::string source_target(const Machine& machine) {
    const std::string& source = machine.boot.source;
    if (source == source_pxe) return "pxe";
    if (source == source_cd) return "cd";
    if (source == source_diagnostic) return "diagnostic";
    if (source == source_https) return "https";
    if (!is_recovery(source)) return "hard-drive";
    const auto id =
        machine.store.find("CIM_BootSourceSetting", {wsman::text_member("InstanceID", source)});
    const std::string loader = id ? machine.store.text(*id, "BIOSBootString") : std::string();
    return loader.find("PBA") == std::string::npos ? "winre" : "pba";
}

std::string boot_target(Machine& machine) {
    Boot& boot = machine.boot;
    if (!boot.next_single_use) return "hard-drive";
    if (!boot.source.empty()) return source_target(machine);
    if (boot.options[platform_erase] != 0) return "platform-erase";
    if (boot.options[use_ider] != 0) {
        if (machine.redirection.open_sessions() > 0)
            return boot.options[ider_device] == 1 ? "ider-cd" : "ider-floppy";
        log_event(machine, no_media_event());
        boot.last_detail = 1;
        return "hard-drive";
    }
    return boot.options[bios_setup] != 0 ? "bios-setup" : "hard-drive";
}

constexpr std::array<Method, 3> methods{{
    {"CIM_BootConfigSetting", "ChangeBootOrder", 5, change_boot_order},
    {"CIM_BootService", "SetBootConfigRole", 5, set_boot_config_role},
    {"CIM_BootService", "RequestStateChange", 3, change_boot_service},
}};
constexpr std::array<PutRule, 1> puts{{{"AMT_BootSettingData", put_boot_settings}}};

}  // namespace

bool boot_host(Machine& machine) {
    Boot& boot = machine.boot;
    const bool had_options = !boot.options_cleared;
    boot.last_detail = 0;
    boot.booted_from = boot_target(machine);
    boot.booted_with = boot.next_single_use ? used_options(boot) : Value::object();
    boot.last_status = had_options ? 0 : 2;
    const bool used = boot.next_single_use;
    if (used) clear_boot(machine);
    const bool to_os = boot.booted_from == "hard-drive";
    log_start(machine, boot.booted_from == "bios-setup" ? setup_entered_event() : os_boot_event());
    return to_os && machine.power.os_installed;
}

void clear_boot(Machine& machine) {
    machine.boot.options.fill(0);
    machine.boot.parameters.clear();
    machine.boot.source.clear();
    machine.boot.next_single_use = false;
    machine.boot.options_cleared = true;
}

const Feature& boot_feature() {
    static const Feature feature{methods, puts, {}, {}, boot_values(), boot_state_entries(),
                                 nullptr};
    return feature;
}

}  // namespace oob::sim
