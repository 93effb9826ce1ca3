#include "sim/model/defense.h"

#include "core/text.h"
#include "sim/model/faults.h"
#include "sim/model/machine.h"

#include <algorithm>
#include <array>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

constexpr std::string_view ethernet_filter = "AMT_Hdr8021Filter";
constexpr std::string_view address_filter = "AMT_IPHeadersFilter";
constexpr std::string_view policy_class = "AMT_SystemDefensePolicy";
constexpr std::string_view link_class = "AMT_NetworkPortSystemDefensePolicy";
constexpr std::string_view watchdog_class = "AMT_AgentPresenceWatchdog";
constexpr std::string_view policy_prefix = "Intel(r) AMT:Policy ";
constexpr std::size_t most_filters = 80;
constexpr std::size_t most_policies = 8;
constexpr std::size_t most_watchdogs = 16;
constexpr std::size_t longest_policy_name = 16;
constexpr std::size_t guid_size = 16;

/// Whatever the client said about a member, it has this one text.
void set_text(Members& members, std::string_view name, std::string value) {
    std::erase_if(members, [&](const Member& member) { return member.name == name; });
    members.push_back(wsman::text_member(std::string(name), std::move(value)));
}

void set_system(Members& members, std::string_view class_name) {
    set_text(members, "CreationClassName", std::string(class_name));
    set_text(members, "SystemCreationClassName", "CIM_ComputerSystem");
    set_text(members, "SystemName", "Intel(r) AMT");
}

/// The lowest number that makes an InstanceID which neither class has.
std::string free_instance(const Store& store, std::initializer_list<std::string_view> classes,
                          std::string_view prefix) {
    for (std::size_t number = 1;; ++number) {
        std::string instance = join({prefix, std::to_string(number)});
        const Members key{wsman::text_member("InstanceID", instance)};
        if (std::ranges::none_of(
                classes, [&](std::string_view name) { return !store.matching(name, key).empty(); }))
            return instance;
    }
}

/// A filter's InstanceID is the number by which policies name it.
Checked create_filter(Call& call, Members& members, std::string_view class_name) {
    const Store& store = call.machine.store;
    constexpr std::uint64_t last_profile = 4;
    if (store.own(ethernet_filter).size() + store.own(address_filter).size() >= most_filters)
        return std::unexpected(fault("e:QuotaLimit"));
    if (wsman::number_of(members, "FilterProfile").value_or(last_profile + 1) > last_profile ||
        wsman::number_of(members, "FilterDirection").value_or(2) > 1)
        return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
    set_system(members, class_name);
    set_text(members, "InstanceID", free_instance(store, {ethernet_filter, address_filter}, ""));
    return {};
}

Checked create_ethernet_filter(Call& call, Members& members) {
    return create_filter(call, members, ethernet_filter);
}
Checked create_address_filter(Call& call, Members& members) {
    return create_filter(call, members, address_filter);
}

bool filter_exists(const Store& store, std::string_view instance) {
    const Members key{wsman::text_member("InstanceID", std::string(instance))};
    return !store.matching(ethernet_filter, key).empty() ||
           !store.matching(address_filter, key).empty();
}

Checked create_policy(Call& call, Members& members) {
    const Store& store = call.machine.store;
    if (store.own(policy_class).size() >= most_policies)
        return std::unexpected(fault("e:QuotaLimit"));
    const auto name = wsman::text_of(members, "PolicyName");
    const bool good_name = name && !name->empty() && name->size() <= longest_policy_name;
    const bool known_filters = std::ranges::all_of(members, [&](const Member& member) {
        return member.name != "FilterCreationHandles" || filter_exists(store, member.text);
    });
    if (!good_name || !known_filters)
        return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
    set_text(members, "InstanceID", free_instance(store, {policy_class}, policy_prefix));
    return {};
}

/// The port must be there, and the policy.
Checked create_link(Call& call, Members& members) {
    const Store& store = call.machine.store;
    const Member* port = wsman::find(members, "Antecedent");
    const Member* policy = wsman::find(members, "Dependent");
    const auto port_id = port ? store.find("CIM_EthernetPort", port->members) : std::nullopt;
    const auto policy_id = policy ? store.find(policy_class, policy->members) : std::nullopt;
    if (!port_id || !policy_id)
        return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
    for (Member& member : members) {
        if (member.name == "Antecedent") member.members = store.keys(*port_id);
        if (member.name == "Dependent") member.members = store.keys(*policy_id);
    }
    set_text(members, "Active", "true");
    set_text(members, "Enabled", "true");
    return {};
}

Checked create_watchdog(Call& call, Members& members) {
    const auto device = base64_decode(wsman::text_of(members, "DeviceID").value_or(""));
    if (!device || device->size() != guid_size)
        return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
    if (call.machine.store.own(watchdog_class).size() >= most_watchdogs)
        return std::unexpected(fault("e:QuotaLimit"));
    set_system(members, watchdog_class);
    set_text(members, "CurrentState", "1");
    return {};
}

/// A filter stays while a policy names it.
Checked delete_filter(Call& call, Store::Id id) {
    const Store& store = call.machine.store;
    const std::string instance = store.text(id, "InstanceID");
    for (const Store::Id policy : store.own(policy_class))
        for (const Member& member : store.read(policy))
            if (member.name == "FilterCreationHandles" && member.text == instance)
                return std::unexpected(status_fault(pt_not_permitted));
    return {};
}

/// A policy stays while it is attached to a port.
Checked delete_policy(Call& call, Store::Id id) {
    const Store& store = call.machine.store;
    const std::string instance = store.text(id, "InstanceID");
    for (const Store::Id link : store.own(link_class)) {
        const Members members = store.read(link);
        const Member* policy = wsman::find(members, "Dependent");
        if (policy && wsman::text_of(policy->members, "InstanceID") == instance)
            return std::unexpected(status_fault(pt_not_permitted));
    }
    return {};
}

constexpr std::array<CreateRule, 5> creates{{
    {ethernet_filter, create_ethernet_filter},
    {address_filter, create_address_filter},
    {policy_class, create_policy},
    {link_class, create_link},
    {watchdog_class, create_watchdog},
}};
constexpr std::array<DeleteRule, 3> deletes{{
    {ethernet_filter, delete_filter},
    {address_filter, delete_filter},
    {policy_class, delete_policy},
}};

}  // namespace

const Feature& defense_feature() {
    static const Feature feature{{}, {}, creates, deletes, {}, {}, nullptr};
    return feature;
}

}  // namespace oob::sim
