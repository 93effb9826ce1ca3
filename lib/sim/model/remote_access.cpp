#include "sim/model/remote_access.h"

#include "codec/wsman/schema.h"
#include "core/text.h"
#include "sim/model/faults.h"
#include "sim/model/machine.h"

#include <algorithm>
#include <array>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

constexpr std::string_view server_class = "AMT_ManagementPresenceRemoteSAP";
constexpr std::string_view credential_class = "AMT_MPSUsernamePassword";
constexpr std::string_view rule_class = "AMT_RemoteAccessPolicyRule";
constexpr std::string_view link_class = "AMT_RemoteAccessPolicyAppliesToMPS";
constexpr std::string_view server_prefix = "Intel(r) AMT:Management Presence Server ";
constexpr std::string_view credential_prefix = "Intel(r) AMT:MPS Username Password ";
constexpr std::size_t most_servers = 6;
constexpr std::size_t most_servers_per_rule = 2;
constexpr std::size_t longest_credential = 16;

Members controller_keys(std::string_view class_name, std::string key, std::string value) {
    return {wsman::text_member("CreationClassName", std::string(class_name)),
            wsman::text_member(std::move(key), std::move(value)),
            wsman::text_member("SystemCreationClassName", "CIM_ComputerSystem"),
            wsman::text_member("SystemName", "Intel(r) AMT")};
}

Member reference_to(std::string name, std::string_view class_name, Members selectors) {
    return wsman::reference_member(std::move(name),
                                   wsman::resource_uri(class_name).value_or(std::string()),
                                   std::move(selectors));
}

std::size_t free_index(const Store& store) {
    std::size_t index = 0;
    while (store.find(server_class,
                      {wsman::text_member("Name", join({server_prefix, std::to_string(index)}))}))
        ++index;
    return index;
}

Outcome add_server(Call& call) {
    Store& store = call.machine.store;
    const Members& body = call.request.body;
    const auto address = wsman::text_of(body, "AccessInfo");
    const auto format = wsman::number_of(body, "InfoFormat");
    const auto port = wsman::number_of(body, "Port");
    const auto method = wsman::number_of(body, "AuthMethod");
    const auto user = wsman::text_of(body, "Username");
    const auto password = wsman::text_of(body, "Password");
    const bool known_format = format == 3U || format == 4U || format == 201U;
    if (!address || address->empty() || !known_format || !port || *port == 0 || *port > 65535)
        return returned(pt_invalid_parameter);
    if (method != 1U && method != 2U) return returned(pt_invalid_parameter);
    if (method == 2U && (!user || user->empty() || user->size() > longest_credential || !password ||
                         password->size() > longest_credential))
        return returned(pt_invalid_parameter);
    for (const Store::Id id : store.own(server_class))
        if (store.text(id, "AccessInfo") == *address) return returned(pt_duplicate);
    if (store.own(server_class).size() >= most_servers) return returned(pt_max_limit);

    const std::string index = std::to_string(free_index(store));
    const Members keys = controller_keys(server_class, "Name", join({server_prefix, index}));
    Members members = keys;
    members.push_back(wsman::text_member("AccessInfo", std::string(*address)));
    if (const auto name = wsman::text_of(body, "CN"))
        members.push_back(wsman::text_member("CN", std::string(*name)));
    members.push_back(wsman::text_member("ElementName", "Intel(r) AMT:Management Presence Server"));
    members.push_back(wsman::text_member("InfoFormat", std::to_string(*format)));
    members.push_back(wsman::text_member("Port", std::to_string(*port)));
    if (!store.add(server_class, std::move(members))) return returned(pt_max_limit);
    if (method == 2U)
        store.add(credential_class,
                  {wsman::text_member("InstanceID", join({credential_prefix, index})),
                   wsman::text_member("RemoteID", std::string(*user))});
    return MethodReply{0, {reference_to("MpServer", server_class, keys)}};
}

struct Trigger {
    std::uint64_t number;
    std::string_view name;
};
constexpr std::array<Trigger, 3> triggers{{{0, "User Initiated"}, {1, "Alert"}, {2, "Periodic"}}};
constexpr std::uint64_t trigger_periodic = 2;

/// Two or three big-endian numbers: the kind and the seconds, or the kind, hour and minute.
bool good_period(std::string_view base64) {
    const auto bytes = base64_decode(base64);
    return bytes && (bytes->size() == 8 || bytes->size() == 12);
}

Outcome add_rule(Call& call) {
    Store& store = call.machine.store;
    const Members& body = call.request.body;
    const auto number = wsman::number_of(body, "Trigger");
    const auto lifetime = wsman::number_of(body, "TunnelLifeTime");
    const auto* trigger = std::ranges::find(triggers, number, [](const Trigger& one) {
        return std::optional<std::uint64_t>(one.number);
    });
    if (trigger == triggers.end() || !lifetime) return returned(pt_invalid_parameter);
    const auto period = wsman::text_of(body, "ExtendedData");
    if (number == trigger_periodic && !good_period(period.value_or("")))
        return returned(pt_invalid_parameter);
    std::vector<Store::Id> servers;
    for (const Member& member : body) {
        if (member.name != "MpServer" && member.name != "InternalMpServer") continue;
        const auto id = store.find(server_class, member.members);
        if (!id) return returned(pt_invalid_parameter);
        servers.push_back(*id);
    }
    if (servers.empty() || servers.size() > most_servers_per_rule)
        return returned(pt_invalid_parameter);
    const Members keys = controller_keys(rule_class, "PolicyRuleName", std::string(trigger->name));
    if (store.find(rule_class, keys)) return returned(pt_duplicate);

    Members members = keys;
    members.push_back(wsman::text_member("ElementName", "Inte(r) AMT:Remote Access Policy"));
    if (period) members.push_back(wsman::text_member("ExtendedData", std::string(*period)));
    members.push_back(wsman::text_member("Trigger", std::to_string(*number)));
    members.push_back(wsman::text_member("TunnelLifeTime", std::to_string(*lifetime)));
    if (!store.add(rule_class, std::move(members))) return returned(pt_max_limit);
    for (std::size_t i = 0; i < servers.size(); ++i)
        store.add(link_class, {reference_to("ManagedElement", server_class, store.keys(servers[i])),
                               wsman::text_member("MpsType", "0"),
                               wsman::text_member("OrderOfAccess", std::to_string(i)),
                               reference_to("PolicySet", rule_class, keys)});
    return MethodReply{0, {reference_to("PolicyRule", rule_class, keys)}};
}

Outcome close_connection(Call&) { return returned(0); }

Outcome change_user_connections(Call& call) {
    constexpr std::uint64_t all_off = 32768;
    constexpr std::uint64_t all_on = 32771;
    const auto wanted = wsman::number_of(call.request.body, "RequestedState");
    if (!wanted || *wanted < all_off || *wanted > all_on) return returned(cim_invalid_parameter);
    call.machine.remote_access.user_state = static_cast<std::uint32_t>(*wanted);
    return returned(0);
}

Outcome enable_vpn_routing(Call& call) {
    return returned(wsman::truth_of(call.request.body, "Enable") ? 0 : pt_invalid_parameter);
}

/// The associations in which `role` is the instance.
std::vector<Store::Id> links(const Store& store, std::string_view role, const Members& keys) {
    std::vector<Store::Id> found;
    for (const Store::Id id : store.own(link_class)) {
        const Members members = store.read(id);
        const Member* element = wsman::find(members, role);
        const bool same = element && std::ranges::all_of(keys, [&](const Member& key) {
                              const Member* other = wsman::find(element->members, key.name);
                              return other && agrees(*other, key);
                          });
        if (same) found.push_back(id);
    }
    return found;
}

Checked delete_rule(Call& call, Store::Id id) {
    Store& store = call.machine.store;
    for (const Store::Id link : links(store, "PolicySet", store.keys(id))) store.remove(link);
    return {};
}

/// A server that a policy uses stays.
Checked delete_server(Call& call, Store::Id id) {
    Store& store = call.machine.store;
    if (!links(store, "ManagedElement", store.keys(id)).empty())
        return std::unexpected(status_fault(pt_not_permitted));
    const std::string name = store.text(id, "Name");
    const std::string index = name.substr(std::min(name.size(), server_prefix.size()));
    const auto credential = store.find(
        credential_class, {wsman::text_member("InstanceID", join({credential_prefix, index}))});
    if (credential) store.remove(*credential);
    return {};
}

Checked put_link(Call&, Store::Id, Members& changes) {
    constexpr std::uint64_t last_type = 2;
    const auto type = wsman::number_of(changes, "MpsType");
    if (type && *type > last_type)
        return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
    return {};
}

/// The strings of the Put are all there are: without any, detection is off.
Checked put_environment(Call& call, Store::Id id, Members& changes) {
    constexpr std::ptrdiff_t most_strings = 5;
    constexpr std::size_t longest_string = 63;
    if (std::ranges::count(changes, "DetectionStrings", &Member::name) > most_strings)
        return std::unexpected(status_fault(pt_invalid_parameter));
    for (const Member& member : changes)
        if (member.name == "DetectionStrings" &&
            (member.text.empty() || member.text.size() > longest_string))
            return std::unexpected(status_fault(pt_invalid_parameter));
    if (!wsman::find(changes, "DetectionStrings")) call.machine.store.erase(id, "DetectionStrings");
    return {};
}

constexpr std::array<Method, 5> methods{{
    {"AMT_RemoteAccessService", "AddMpServer", 3, add_server},
    {"AMT_RemoteAccessService", "AddRemoteAccessPolicyRule", 3, add_rule},
    {"AMT_RemoteAccessService", "CloseRemoteAccessConnection", 3, close_connection},
    {"AMT_UserInitiatedConnectionService", "RequestStateChange", 3, change_user_connections},
    {"AMT_EnvironmentDetectionSettingData", "EnableVpnRouting", 3, enable_vpn_routing},
}};
constexpr std::array<PutRule, 2> puts{{
    {link_class, put_link},
    {"AMT_EnvironmentDetectionSettingData", put_environment},
}};
constexpr std::array<DeleteRule, 2> deletes{{
    {rule_class, delete_rule},
    {server_class, delete_server},
}};
constexpr std::array<LiveValue, 1> live_values{{
    {"remote.user_state",
     [](const Machine& machine) { return text_of_number(machine.remote_access.user_state); }},
}};

}  // namespace

const Feature& remote_access_feature() {
    static const Feature feature{methods, puts, {}, deletes, live_values, {}, nullptr};
    return feature;
}

}  // namespace oob::sim
