#include "sim/model/accounts.h"

#include "core/text.h"
#include "sim/model/machine.h"

#include <algorithm>
#include <array>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

constexpr unsigned realm_admin = 3;
constexpr unsigned realm_audit = 20;
constexpr unsigned realm_acl = 21;
constexpr unsigned realm_local_system = 24;
constexpr std::size_t most_digest_users = 7;
constexpr std::size_t most_kerberos_users = 32;
constexpr std::size_t longest_name = 16;
constexpr std::size_t most_handles = 50;
constexpr std::uint32_t pt_invalid_name = 12;
constexpr std::uint32_t pt_invalid_realm = 2055;

Accounts::Entry system_account(std::uint32_t handle, std::string name) {
    Accounts::Entry entry;
    entry.handle = handle;
    entry.account.name = std::move(name);
    entry.account.realms = {realm_local_system};
    entry.access = 0;
    entry.system = true;
    return entry;
}

/// The system accounts are part of every device and are not kept.
const std::array<Accounts::Entry, 2>& system_accounts() {
    static const std::array<Accounts::Entry, 2> both{system_account(1, "$$uns"),
                                                     system_account(2, "$$OsAdmin")};
    return both;
}

const Accounts::Entry* find_entry(const Machine& machine, const Members& parameters) {
    const auto handle = wsman::number_of(parameters, "Handle");
    if (!handle) return nullptr;
    for (const Accounts::Entry& entry : system_accounts())
        if (entry.handle == *handle) return &entry;
    const auto& entries = machine.accounts.entries;
    const auto found = std::ranges::find(entries, *handle, &Accounts::Entry::handle);
    return found == entries.end() ? nullptr : &*found;
}

/// The same, for a change: system accounts cannot be changed.
Accounts::Entry* changeable(Machine& machine, const Members& parameters) {
    const auto handle = wsman::number_of(parameters, "Handle");
    auto& entries = machine.accounts.entries;
    const auto found = std::ranges::find(entries, handle, &Accounts::Entry::handle);
    return found == entries.end() ? nullptr : &*found;
}

/// MD5(user:realm:password) from base64 into lower-case hex; empty when it is not 16 bytes.
std::string ha1_from(std::string_view base64) {
    const auto bytes = base64_decode(base64);
    constexpr std::size_t digest_size = 16;
    return bytes && bytes->size() == digest_size ? hex_lower(*bytes) : std::string();
}

bool good_name(std::string_view name) {
    if (name.empty() || name.size() > longest_name || name.starts_with("$$")) return false;
    if (name == "admin" || name == "administrator") return false;
    return std::ranges::none_of(name, [](char letter) {
        return letter <= ' ' || letter > '~' ||
               std::string_view(",:\"&<>").find(letter) != std::string_view::npos;
    });
}

/// What clients say about an entry; ReturnValue 0 when it is all right.
std::uint32_t read_entry(const Members& parameters, Accounts::Entry& entry) {
    const auto access = wsman::number_of(parameters, "AccessPermission");
    if (!access || *access > 2) return pt_invalid_parameter;
    entry.access = static_cast<unsigned>(*access);
    const auto realms = wsman::numbers_of(parameters, "Realms");
    if (realms.empty()) return pt_invalid_parameter;
    entry.account.realms.clear();
    for (const std::uint64_t realm : realms) {
        if (realm < 2 || realm >= realm_local_system || realm == 22 || realm == 23)
            return pt_invalid_realm;
        entry.account.realms.insert(static_cast<unsigned>(realm));
    }
    if (const auto sid = wsman::text_of(parameters, "KerberosUserSid"); sid && !sid->empty()) {
        if (!base64_decode(*sid)) return pt_invalid_parameter;
        entry.sid = *sid;
        return 0;
    }
    const auto name = wsman::text_of(parameters, "DigestUsername");
    if (!name || !good_name(*name)) return pt_invalid_name;
    entry.account.name = *name;
    const auto password = wsman::text_of(parameters, "DigestPassword");
    if (!password) return entry.account.ha1.empty() ? pt_invalid_password : 0;
    entry.account.ha1 = ha1_from(*password);
    return entry.account.ha1.empty() ? pt_invalid_password : 0;
}

bool duplicate(const Machine& machine, const Accounts::Entry& entry) {
    return std::ranges::any_of(machine.accounts.entries, [&](const Accounts::Entry& other) {
        if (other.handle == entry.handle) return false;
        return entry.sid.empty() ? other.account.name == entry.account.name
                                 : other.sid == entry.sid;
    });
}

std::uint32_t free_handle(const Machine& machine) {
    std::uint32_t handle = static_cast<std::uint32_t>(system_accounts().size()) + 1;
    const auto& entries = machine.accounts.entries;
    while (std::ranges::find(entries, handle, &Accounts::Entry::handle) != entries.end()) ++handle;
    return handle;
}

Outcome add_user(Call& call) {
    Accounts::Entry entry;
    if (const auto status = read_entry(call.request.body, entry); status != 0)
        return returned(status);
    auto& entries = call.machine.accounts.entries;
    const bool kerberos = !entry.sid.empty();
    const auto alike = std::ranges::count_if(
        entries, [&](const Accounts::Entry& other) { return other.sid.empty() != kerberos; });
    if (duplicate(call.machine, entry)) return returned(pt_duplicate);
    if (static_cast<std::size_t>(alike) >= (kerberos ? most_kerberos_users : most_digest_users))
        return returned(pt_max_limit);
    entry.handle = free_handle(call.machine);
    entries.push_back(entry);
    return MethodReply{0, {wsman::text_member("Handle", std::to_string(entry.handle))}};
}

Outcome update_user(Call& call) {
    Accounts::Entry* entry = changeable(call.machine, call.request.body);
    if (!entry) return returned(pt_invalid_handle);
    Accounts::Entry changed = *entry;
    if (const auto status = read_entry(call.request.body, changed); status != 0)
        return returned(status);
    if (duplicate(call.machine, changed)) return returned(pt_duplicate);
    *entry = std::move(changed);
    return returned(0);
}

Outcome remove_user(Call& call) {
    const Accounts::Entry* entry = changeable(call.machine, call.request.body);
    if (!entry) return returned(pt_invalid_handle);
    const std::uint32_t handle = entry->handle;
    std::erase_if(call.machine.accounts.entries,
                  [&](const Accounts::Entry& one) { return one.handle == handle; });
    return returned(0);
}

Outcome enumerate_users(Call& call) {
    const auto start = wsman::number_of(call.request.body, "StartIndex");
    std::vector<std::uint32_t> handles;
    for (const auto& entry : system_accounts()) handles.push_back(entry.handle);
    for (const auto& entry : call.machine.accounts.entries) handles.push_back(entry.handle);
    if (!start || *start == 0 || *start > handles.size()) return returned(pt_invalid_index);
    const std::size_t from = *start - 1;
    const std::size_t count = std::min(most_handles, handles.size() - from);
    MethodReply reply;
    reply.out.push_back(wsman::text_member("TotalCount", std::to_string(handles.size())));
    reply.out.push_back(wsman::text_member("HandlesCount", std::to_string(count)));
    for (std::size_t i = from; i < from + count; ++i)
        reply.out.push_back(wsman::text_member("Handles", std::to_string(handles[i])));
    return reply;
}

Outcome get_user(Call& call) {
    const Accounts::Entry* entry = find_entry(call.machine, call.request.body);
    if (!entry) return returned(pt_invalid_handle);
    MethodReply reply;
    if (entry->sid.empty())
        reply.out.push_back(wsman::text_member("DigestUsername", entry->account.name));
    else
        reply.out.push_back(wsman::text_member("KerberosUserSid", entry->sid));
    reply.out.push_back(wsman::text_member("AccessPermission", std::to_string(entry->access)));
    for (const unsigned realm : entry->account.realms)
        reply.out.push_back(wsman::text_member("Realms", std::to_string(realm)));
    return reply;
}

Outcome get_enabled(Call& call) {
    const Accounts::Entry* entry = find_entry(call.machine, call.request.body);
    if (!entry) return returned(pt_invalid_handle);
    return MethodReply{0, {wsman::text_member("Enabled", entry->enabled ? "true" : "false")}};
}

Outcome set_enabled(Call& call) {
    Accounts::Entry* entry = changeable(call.machine, call.request.body);
    const auto enabled = wsman::truth_of(call.request.body, "Enabled");
    if (!entry) return returned(pt_invalid_handle);
    if (!enabled) return returned(pt_invalid_parameter);
    entry->enabled = *enabled;
    return returned(0);
}

Outcome get_admin(Call& call) {
    return MethodReply{0, {wsman::text_member("Username", call.machine.accounts.admin.name)}};
}

Outcome set_admin(Call& call) {
    const auto name = wsman::text_of(call.request.body, "Username");
    const std::string ha1 =
        ha1_from(wsman::text_of(call.request.body, "DigestPassword").value_or(""));
    if (!name || name->empty() || name->size() > longest_name) return returned(pt_invalid_name);
    if (ha1.empty()) return returned(pt_invalid_password);
    call.machine.accounts.admin.name = *name;
    call.machine.accounts.admin.ha1 = ha1;
    call.machine.accounts.admin_is_default = false;
    return returned(0);
}

Outcome admin_status(Call& call) {
    return MethodReply{
        0,
        {wsman::text_member("IsDefault",
                            call.machine.accounts.admin_is_default ? "true" : "false")}};
}

constexpr std::array<Method, 11> methods{{
    {"AMT_AuthorizationService", "AddUserAclEntryEx", realm_admin, add_user},
    {"AMT_AuthorizationService", "UpdateUserAclEntryEx", realm_acl, update_user},
    {"AMT_AuthorizationService", "RemoveUserAclEntry", realm_admin, remove_user},
    {"AMT_AuthorizationService", "EnumerateUserAclEntries", realm_acl, enumerate_users},
    {"AMT_AuthorizationService", "GetUserAclEntryEx", realm_acl, get_user},
    {"AMT_AuthorizationService", "GetAclEnabledState", realm_acl, get_enabled},
    {"AMT_AuthorizationService", "SetAclEnabledState", realm_admin, set_enabled},
    {"AMT_AuthorizationService", "GetAdminAclEntry", realm_admin, get_admin},
    {"AMT_AuthorizationService", "SetAdminAclEntryEx", realm_admin, set_admin},
    {"AMT_AuthorizationService", "GetAdminAclEntryStatus", realm_admin, admin_status},
    {"AMT_AuthorizationService", "GetAdminNetAclEntryStatus", realm_admin, admin_status},
}};

constexpr std::array<StateEntry, 1> state_entries{{
    {"accounts", [](const Machine& machine) { return Value(machine.accounts.entries.size() + 1); },
     nullptr},
}};

}  // namespace

std::set<unsigned> all_realms() {
    std::set<unsigned> realms;
    for (unsigned realm = 2; realm <= realm_acl; ++realm) realms.insert(realm);
    return realms;
}

bool holds_realm(const Account& account, unsigned realm) {
    if (account.realms.contains(realm)) return true;
    return realm != realm_audit && account.realms.contains(realm_admin);
}

const Account* network_account(const Machine& machine, std::string_view name) {
    if (machine.accounts.admin.name == name) return &machine.accounts.admin;
    for (const Accounts::Entry& entry : machine.accounts.entries)
        if (entry.account.name == name && entry.enabled && entry.access != 0 && entry.sid.empty())
            return &entry.account;
    return nullptr;
}

void reset_accounts(Machine& machine) {
    machine.accounts.entries.clear();
    machine.accounts.admin.name = "admin";
}

const Feature& accounts_feature() {
    static const Feature feature{methods, {}, {}, {}, {}, state_entries, nullptr};
    return feature;
}

}  // namespace oob::sim
