#include "sim/model/setup.h"

#include "core/text.h"
#include "sim/model/faults.h"
#include "sim/model/machine.h"

#include <algorithm>
#include <cctype>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

constexpr std::string_view tls_class = "AMT_TLSSettingData";
constexpr std::string_view remote_tls = "Intel(r) AMT 802.3 TLS Settings";
constexpr std::uint32_t setup_invalid_state = 2;
constexpr std::uint32_t setup_invalid_parameter = 3;
constexpr std::uint32_t setup_disabled = 4;
constexpr std::string_view local_administrator = "$$OsAdmin";

/// Numbers that look random and are the same in every run.
std::uint32_t mixed(std::uint32_t seed) {
    seed ^= seed >> 16;
    seed *= 0x7feb352dU;
    seed ^= seed >> 15;
    seed *= 0x846ca68bU;
    return seed ^ seed >> 16;
}

std::string next_realm(const Machine& machine) {
    std::array<std::byte, 16> bytes{};
    for (std::uint32_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::byte>(
            mixed(machine.identity.number * 31U + machine.setup.times_unprovisioned * 7919U + i));
    return "Digest:" + hex_upper(bytes);
}

/// Everything that is lost (reference provisioning, section 7.3).
void unprovision_fully(Machine& machine) {
    ++machine.setup.times_unprovisioned;
    machine.setup.realm = next_realm(machine);
    machine.store.reset();
    machine.log.entries.clear();
    machine.log.cleared = true;
    machine.consent = Consent{};
    clear_boot(machine);
    reset_accounts(machine);
    start_setup(machine, ControlMode::unprovisioned);
}

Outcome get_uuid(Call& call) {
    const auto bytes = uuid_to_smbios(call.machine.identity.uuid);
    if (!bytes) return returned(pt_internal_error);
    return MethodReply{0, {wsman::text_member("UUID", base64_encode(*bytes))}};
}

Outcome unprovision(Call& call) {
    constexpr std::uint64_t last_mode = 3;
    const auto mode = wsman::number_of(call.request.body, "ProvisioningMode");
    if (!mode || *mode > last_mode) return returned(pt_invalid_parameter);
    if (call.caller.account.name != call.machine.accounts.admin.name)
        return returned(pt_not_permitted);
    unprovision_fully(call.machine);
    return returned(0);
}

Outcome partial_unprovision(Call& call) {
    if (!call.machine.admin_mode()) return returned(pt_not_permitted);
    if (call.caller.account.name != call.machine.accounts.admin.name)
        return returned(pt_not_permitted);
    call.machine.store.reset({"AMT_GeneralSettings"});
    call.machine.log.entries.clear();
    call.machine.log.cleared = true;
    call.machine.accounts.entries.clear();
    clear_boot(call.machine);
    start_setup(call.machine, ControlMode::unprovisioned);
    return returned(0);
}

bool strong_password(std::string_view text) {
    const auto has = [&](auto kind) { return std::ranges::any_of(text, kind); };
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto special = [&](char c) { return !lower(c) && !upper(c) && !digit(c) && c != '_'; };
    return text.size() >= 8 && text.size() <= 32 && has(lower) && has(upper) && has(digit) &&
           has(special);
}

Outcome set_mebx_password(Call& call) {
    if (call.machine.client_mode()) return returned(pt_not_permitted);
    if (!strong_password(wsman::text_of(call.request.body, "Password").value_or("")))
        return returned(pt_invalid_password);
    call.machine.setup.mebx_password_set = true;
    return returned(0);
}

Outcome extend_period(Call& call) {
    const auto hours = wsman::number_of(call.request.body, "Duration");
    if (call.machine.setup.state != 1) return returned(pt_invalid_mode);
    if (!hours || *hours < 1 || *hours > 24) return returned(pt_invalid_parameter);
    return returned(0);
}

Outcome blocking_components(Call&) { return returned(0); }

/// The TLS settings become true (reference provisioning, section 8.7).
Outcome commit_changes(Call& call) {
    Machine& machine = call.machine;
    const auto id =
        machine.store.find(tls_class, {wsman::text_member("InstanceID", std::string(remote_tls))});
    const Members settings = id ? machine.store.read(*id) : Members{};
    const bool tls = wsman::truth_of(settings, "Enabled").value_or(machine.setup.tls);
    const bool has_certificate = !machine.store.own("AMT_TLSCredentialContext").empty();
    if (tls && !has_certificate) return returned(pt_data_missing);
    if (machine.setup.state == 1) {
        const bool wants_mebx = machine.personality->quirk("commit_needs_mebx", 0) != 0;
        if (wants_mebx && !machine.setup.mebx_password_set) return returned(pt_data_missing);
        machine.setup.state = 2;
    }
    machine.setup.tls = tls;
    machine.setup.plain =
        !tls || wsman::truth_of(settings, "AcceptNonSecureConnections").value_or(false);
    return returned(0);
}

/// Client mode, called by the computer's own administrator (reference provisioning, section 8.4).
Outcome host_based_setup(Call& call) {
    Machine& machine = call.machine;
    if (call.caller.account.name != local_administrator)
        return std::unexpected(fault("e:AccessDenied"));
    if (machine.setup.mode != ControlMode::unprovisioned) return returned(setup_invalid_state);
    if (!machine.setup.client_mode_allowed) return returned(setup_disabled);
    constexpr std::uint64_t digest_md5 = 2;
    constexpr std::size_t digest_size = 16;
    const auto type = wsman::number_of(call.request.body, "NetAdminPassEncryptionType");
    const auto digest =
        parse_hex(wsman::text_of(call.request.body, "NetworkAdminPassword").value_or(""));
    if (type != digest_md5 || !digest || digest->size() != digest_size)
        return returned(setup_invalid_parameter);
    machine.accounts.admin.ha1 = hex_lower(*digest);
    start_setup(machine, ControlMode::client);
    return returned(0);
}

Outcome disable_client_mode(Call& call) {
    if (call.caller.account.name != call.machine.accounts.admin.name)
        return std::unexpected(fault("e:AccessDenied"));
    call.machine.setup.client_mode_allowed = false;
    return returned(0);
}

Checked put_tls_settings(Call& call, Store::Id id, Members& changes) {
    const bool optional = call.machine.personality->quirk("plain_optional", 1) != 0;
    const auto enabled = wsman::truth_of(changes, "Enabled");
    const auto plain = wsman::truth_of(changes, "AcceptNonSecureConnections");
    const bool remote = call.machine.store.text(id, "InstanceID") == remote_tls;
    if (remote && !optional && ((enabled && !*enabled) || (plain && *plain)))
        return std::unexpected(status_fault(pt_not_permitted));
    constexpr std::ptrdiff_t most_names = 4;
    if (std::ranges::count(changes, "TrustedCN", &Member::name) > most_names)
        return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
    if (const auto name = wsman::text_of(call.request.body, "TrustedCN"); name && name->empty())
        return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
    return {};
}

Texts provisioning_mode(const Machine& machine) {
    return text_of_number(machine.client_mode() ? 4 : 1);
}

constexpr std::array<std::pair<ControlMode, std::string_view>, 3> mode_names{
    {{ControlMode::unprovisioned, "unprovisioned"},
     {ControlMode::client, "client"},
     {ControlMode::admin, "admin"}}};

Value read_mode(const Machine& machine) {
    for (const auto& [mode, name] : mode_names)
        if (mode == machine.setup.mode) return name;
    return {};
}

bool write_mode(Machine& machine, const Value& value) {
    for (const auto& [mode, name] : mode_names) {
        if (name != value.text()) continue;
        start_setup(machine, mode);
        return true;
    }
    return false;
}

constexpr std::array<std::string_view, 3> provisioning_names{"pre", "in", "post"};

bool write_provisioning(Machine& machine, const Value& value) {
    const auto* found = std::ranges::find(provisioning_names, value.text());
    if (found == provisioning_names.end()) return false;
    machine.setup.state = static_cast<unsigned>(found - provisioning_names.begin());
    if (machine.setup.state == 0)
        machine.store.hide_provisioned();
    else
        machine.store.show_all();
    return true;
}

bool write_uuid(Machine& machine, const Value& value) {
    if (!uuid_to_smbios(value.text())) return false;
    machine.identity.uuid = lower(value.text());
    return true;
}

constexpr std::array<Method, 9> methods{{
    {"AMT_SetupAndConfigurationService", "GetUuid", 13, get_uuid},
    {"AMT_SetupAndConfigurationService", "Unprovision", 3, unprovision},
    {"AMT_SetupAndConfigurationService", "PartialUnprovision", 3, partial_unprovision},
    {"AMT_SetupAndConfigurationService", "SetMEBxPassword", 3, set_mebx_password},
    {"AMT_SetupAndConfigurationService", "ExtendProvisioningPeriod", 3, extend_period},
    {"AMT_SetupAndConfigurationService", "GetUnprovisionBlockingComponents", 3,
     blocking_components},
    {"AMT_SetupAndConfigurationService", "CommitChanges", 3, commit_changes},
    {"IPS_HostBasedSetupService", "Setup", 24, host_based_setup},
    {"IPS_HostBasedSetupService", "DisableClientControlMode", 3, disable_client_mode},
}};
constexpr std::array<PutRule, 1> puts{{{tls_class, put_tls_settings}}};

constexpr std::array<LiveValue, 11> live_values{{
    {"setup.mode", provisioning_mode},
    {"setup.state", [](const Machine& machine) { return text_of_number(machine.setup.state); }},
    {"setup.control_mode",
     [](const Machine& machine) {
         return text_of_number(machine.admin_mode() ? 2 : machine.client_mode() ? 1 : 0);
     }},
    {"setup.allowed_modes",
     [](const Machine& machine) {
         return machine.setup.client_mode_allowed ? Texts{"2", "1"} : Texts{"2"};
     }},
    {"setup.nonce",
     [](const Machine& machine) { return Texts{base64_encode(configuration_nonce(machine))}; }},
    {"setup.chain_status", [](const Machine&) { return Texts{"0"}; }},
    {"device.realm", [](const Machine& machine) { return Texts{machine.setup.realm}; }},
    {"device.guid",
     [](const Machine& machine) {
         const auto bytes = uuid_to_smbios(machine.identity.uuid);
         return bytes ? Texts{hex_upper(*bytes)} : Texts{};
     }},
    {"setup.records",
     [](const Machine& machine) {
         return text_of_number(machine.store.all("IPS_ProvisioningAuditRecord").size());
     }},
    {"device.bare_mac",
     [](const Machine& machine) {
         std::string mac = machine.identity.mac;
         std::erase(mac, ':');
         return Texts{mac};
     }},
    {"device.dashed_mac",
     [](const Machine& machine) {
         std::string mac = machine.identity.mac;
         std::ranges::replace(mac, ':', '-');
         return Texts{mac};
     }},
}};

constexpr std::array<StateEntry, 3> state_entries{{
    {"control_mode", read_mode, write_mode},
    {"provisioning",
     [](const Machine& machine) { return Value(provisioning_names[machine.setup.state]); },
     write_provisioning},
    {"uuid", [](const Machine& machine) { return Value(machine.identity.uuid); }, write_uuid},
}};

/// The record that says how the device was set up: one of client mode in the place of the other.
void keep_client_record(Machine& machine) {
    constexpr std::string_view client_record = "IPS_ClientProvisioningRecord";
    Store& store = machine.store;
    for (const Store::Id id : store.own("IPS_AdminProvisioningRecord")) store.remove(id);
    if (!store.own(client_record).empty()) return;
    store.add(client_record,
              {wsman::text_member("ElementName", "Intel(r) AMT Provisioning Audit Record"),
               wsman::text_member("HashAlgorithm", "0"),
               wsman::text_member("InstanceID", "Intel(r) AMT: AuditRecord 1"),
               wsman::text_member("LogInstanceID", "Intel(r) AMT: RecordLog 1"),
               wsman::text_member("LogName", "Intel(r) AMT Provisioning Record Log"),
               wsman::text_member("RecordID", "1")});
}

void drop_client_record(Machine& machine) {
    for (const Store::Id id : machine.store.own("IPS_ClientProvisioningRecord"))
        machine.store.remove(id);
}

}  // namespace

void start_setup(Machine& machine, ControlMode mode) {
    Setup& setup = machine.setup;
    const Personality& personality = *machine.personality;
    setup.mode = mode;
    setup.state = mode == ControlMode::unprovisioned ? 0 : 2;
    const bool enforced = personality.quirk("plain_optional", 1) == 0;
    setup.tls = enforced || personality.quirk("tls_enabled", 1) != 0;
    setup.plain = !enforced;
    if (mode == ControlMode::unprovisioned)
        machine.store.hide_provisioned();
    else
        machine.store.show_all();
    if (mode == ControlMode::client)
        keep_client_record(machine);
    else
        drop_client_record(machine);
}

std::array<std::byte, 20> configuration_nonce(const Machine& machine) {
    std::array<std::byte, 20> bytes{};
    const auto seed = machine.identity.number * 131U + machine.setup.times_unprovisioned * 977U +
                      static_cast<std::uint32_t>(machine.setup.mode) * 53U;
    for (std::uint32_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::byte>(mixed(seed + i));
    return bytes;
}

const Feature& setup_feature() {
    static const Feature feature{methods, puts, {}, {}, live_values, state_entries, nullptr};
    return feature;
}

}  // namespace oob::sim
