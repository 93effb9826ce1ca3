#include "sim/model/wireless.h"

#include "codec/wsman/schema.h"
#include "codec/wsman/secrets.h"
#include "core/text.h"
#include "sim/model/machine.h"
#include "sim/model/validation.h"

#include <algorithm>
#include <array>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

constexpr std::string_view profile_class = "CIM_WiFiEndpointSettings";
constexpr std::string_view login_class = "CIM_IEEE8021xSettings";
constexpr std::string_view profile_prefix = "Intel(r) AMT:WiFi Endpoint Settings ";
constexpr std::string_view login_prefix = "Intel(r) AMT:IEEE 802.1x Settings ";
constexpr std::size_t most_profiles = 8;
constexpr std::size_t longest_name = 32;

// ReturnValues of AddWiFiSettings.
constexpr std::uint32_t wifi_failed = 2;
constexpr std::uint32_t wifi_invalid_parameter = 3;
constexpr std::uint32_t wifi_invalid_reference = 4;

Outcome change_port(Call& call) {
    constexpr std::uint64_t off = 3;
    constexpr std::uint64_t in_s0 = 32768;
    constexpr std::uint64_t in_s0_and_sx = 32769;
    const auto wanted = wsman::number_of(call.request.body, "RequestedState");
    if (wanted != off && wanted != in_s0 && wanted != in_s0_and_sx)
        return returned(cim_invalid_parameter);
    call.machine.wireless.port_state = static_cast<std::uint32_t>(*wanted);
    return returned(0);
}

Member reference_to(std::string name, std::string_view class_name, std::string instance) {
    return wsman::reference_member(std::move(name),
                                   wsman::resource_uri(class_name).value_or(std::string()),
                                   {wsman::text_member("InstanceID", std::move(instance))});
}

/// WPA, WPA2 or WPA3, personal or enterprise, with TKIP or CCMP.
bool safe_enough(const Members& profile) {
    const auto method = wsman::number_of(profile, "AuthenticationMethod");
    const auto cipher = wsman::number_of(profile, "EncryptionMethod");
    const bool known = method && ((*method >= 4 && *method <= 7) || *method == 32768);
    return known && (cipher == 3U || cipher == 4U);
}

bool good_secret(const Members& profile) {
    const auto phrase = wsman::text_of(profile, "PSKPassPhrase");
    return !phrase || (phrase->size() >= 8 && phrase->size() <= 63);
}

/// Another profile has the same name or priority.
bool clashes(const Store& store, const Members& profile, std::optional<Store::Id> own) {
    return std::ranges::any_of(store.own(profile_class), [&](Store::Id id) {
        if (id == own) return false;
        const Members other = store.read(id);
        const auto same = [&](std::string_view name) {
            return wsman::text_of(other, name) == wsman::text_of(profile, name);
        };
        return same("ElementName") || same("Priority");
    });
}

std::uint32_t check_profile(const Store& store, const Member* given, std::optional<Store::Id> own) {
    if (!given) return wifi_invalid_parameter;
    const auto name = wsman::text_of(given->members, "ElementName");
    const auto priority = wsman::number_of(given->members, "Priority");
    const auto network = wsman::text_of(given->members, "SSID");
    if (!name || name->empty() || name->size() > longest_name) return wifi_invalid_parameter;
    if (!network || network->empty() || network->size() > longest_name)
        return wifi_invalid_parameter;
    if (!priority || *priority < 1 || *priority > 255) return wifi_invalid_parameter;
    if (!safe_enough(given->members) || !good_secret(given->members)) return wifi_invalid_parameter;
    return clashes(store, given->members, own) ? wifi_invalid_parameter : 0;
}

/// What is kept of a profile: no secret.
Members kept_members(const Member& given, std::string_view prefix, std::string_view name) {
    Members kept;
    for (const Member& member : given.members)
        if (member.name != "InstanceID" && !wsman::is_secret(member.name)) kept.push_back(member);
    kept.push_back(wsman::text_member("InstanceID", join({prefix, name})));
    return kept;
}

Outcome add_profile(Call& call) {
    Store& store = call.machine.store;
    const Member* endpoint = wsman::find(call.request.body, "WiFiEndpoint");
    const Member* given = wsman::find(call.request.body, "WiFiEndpointSettingsInput");
    if (!endpoint || !store.find("CIM_WiFiEndpoint", endpoint->members))
        return returned(wifi_invalid_reference);
    if (const auto status = check_profile(store, given, std::nullopt); status != 0)
        return returned(status);
    if (store.own(profile_class).size() >= most_profiles) return returned(wifi_failed);
    const std::string name(*wsman::text_of(given->members, "ElementName"));
    if (!store.add(profile_class, kept_members(*given, profile_prefix, name)))
        return returned(wifi_failed);
    MethodReply reply;
    if (const Member* login = wsman::find(call.request.body, "IEEE8021xSettingsInput")) {
        store.add(login_class, kept_members(*login, login_prefix, name));
        reply.out.push_back(
            reference_to("IEEE8021xSettings", login_class, join({login_prefix, name})));
    }
    reply.out.push_back(
        reference_to("WiFiEndpointSettings", profile_class, join({profile_prefix, name})));
    return reply;
}

Outcome update_profile(Call& call) {
    Store& store = call.machine.store;
    const Member* target = wsman::find(call.request.body, "WiFiEndpointSettings");
    const Member* given = wsman::find(call.request.body, "WiFiEndpointSettingsInput");
    const auto id = target ? store.find(profile_class, target->members) : std::nullopt;
    if (!id) return returned(wifi_invalid_reference);
    if (const auto status = check_profile(store, given, id); status != 0) return returned(status);
    const std::string name(*wsman::text_of(given->members, "ElementName"));
    store.write(*id, kept_members(*given, profile_prefix, name));
    return returned(0);
}

Outcome delete_profiles(Call& call) {
    for (const std::string_view name : {profile_class, login_class})
        for (const Store::Id id : call.machine.store.own(name)) call.machine.store.remove(id);
    return returned(0);
}

Outcome delete_user_profiles(Call&) { return returned(0); }

/// The login that belongs to a profile goes with it.
Checked delete_profile(Call& call, Store::Id id) {
    Store& store = call.machine.store;
    const std::string name = store.text(id, "ElementName");
    const auto login =
        store.find(login_class, {wsman::text_member("InstanceID", join({login_prefix, name}))});
    if (login) store.remove(*login);
    return {};
}

constexpr std::string_view service_class = "AMT_WiFiPortConfigurationService";
constexpr std::array<Method, 5> methods{{
    {"CIM_WiFiPort", "RequestStateChange", 3, change_port},
    {service_class, "AddWiFiSettings", 3, add_profile},
    {service_class, "UpdateWiFiSettings", 3, update_profile},
    {service_class, "DeleteAllITProfiles", 3, delete_profiles},
    {service_class, "DeleteAllUserProfiles", 3, delete_user_profiles},
}};
constexpr std::array<DeleteRule, 1> deletes{{{profile_class, delete_profile}}};
constexpr std::array<LiveValue, 1> live_values{{
    {"wifi.enabled_state",
     [](const Machine& machine) { return text_of_number(machine.wireless.port_state); }},
}};

}  // namespace

const Feature& wireless_feature() {
    static const Feature feature{methods, {}, {}, deletes, live_values, {}, nullptr};
    return feature;
}

}  // namespace oob::sim
