#include "sim/model/network.h"

#include "codec/wsman/schema.h"
#include "core/text.h"
#include "sim/model/faults.h"
#include "sim/model/machine.h"

#include <algorithm>
#include <array>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

constexpr std::string_view port_class = "AMT_EthernetPortSettings";
constexpr std::string_view proxy_class = "IPS_HTTPProxyAccessPoint";
constexpr std::string_view proxy_prefix = "Intel(r) ME:HTTP Proxy Access Point ";
constexpr std::size_t most_proxies = 15;
constexpr std::array<std::string_view, 5> address_members{
    "IPAddress", "SubnetMask", "DefaultGateway", "PrimaryDNS", "SecondaryDNS"};

/// With DHCP no address may be said; without it and without the host's address, one must.
Checked put_port(Call& call, Store::Id id, Members& changes) {
    const Members before = call.machine.store.read(id);
    const auto said = [&](std::string_view name) {
        return wsman::truth_of(changes, name)
            .value_or(wsman::truth_of(before, name).value_or(false));
    };
    const bool addressed = std::ranges::any_of(
        address_members, [&](std::string_view name) { return wsman::find(changes, name); });
    if (said("DHCPEnabled")) {
        if (addressed)
            return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
        return {};
    }
    const bool complete = wsman::find(changes, "IPAddress") && wsman::find(changes, "SubnetMask");
    if (!complete && !said("SharedStaticIp"))
        return std::unexpected(fault("d:InvalidRepresentation", detail_missing_values));
    return {};
}

/// The owner of the radio link: 1 is the management engine, 2 the host.
Outcome set_link_preference(Call& call) {
    constexpr std::uint64_t engine = 1;
    constexpr std::uint64_t host = 2;
    const auto wanted = wsman::number_of(call.request.body, "LinkPreference");
    if (wanted != engine && wanted != host) return returned(pt_invalid_parameter);
    const auto id = call.machine.store.find(port_class, call.request.selectors);
    if (!id || call.machine.store.text(*id, "LinkPreference").empty())
        return returned(pt_invalid_parameter);
    const std::string text = std::to_string(*wanted);
    call.machine.store.write(
        *id, {wsman::text_member("LinkControl", text), wsman::text_member("LinkPreference", text)});
    return returned(0);
}

Outcome add_proxy(Call& call) {
    Store& store = call.machine.store;
    const Members& body = call.request.body;
    const auto address = wsman::text_of(body, "AccessInfo");
    const auto format = wsman::number_of(body, "InfoFormat");
    const auto port = wsman::number_of(body, "Port");
    const auto suffix = wsman::text_of(body, "NetworkDnsSuffix");
    const bool known_format = format == 3U || format == 4U || format == 201U;
    if (!address || address->empty() || !known_format || !port || *port == 0 || *port > 65535 ||
        !suffix)
        return returned(pt_invalid_parameter);
    const auto present = store.own(proxy_class);
    for (const Store::Id id : present)
        if (store.text(id, "AccessInfo") == *address &&
            store.text(id, "NetworkDnsSuffix") == *suffix)
            return returned(pt_duplicate);
    if (present.size() >= most_proxies) return returned(pt_max_limit);
    std::size_t index = 0;
    const auto name = [&] { return join({proxy_prefix, std::to_string(index)}); };
    while (store.find(proxy_class, {wsman::text_member("Name", name())})) ++index;
    const Members keys{wsman::text_member("CreationClassName", std::string(proxy_class)),
                       wsman::text_member("Name", name()),
                       wsman::text_member("SystemCreationClassName", "CIM_ComputerSystem"),
                       wsman::text_member("SystemName", "Intel(r) AMT")};
    Members members = keys;
    members.push_back(wsman::text_member("AccessInfo", std::string(*address)));
    members.push_back(wsman::text_member("ElementName", "Intel(r) ME:HTTP Proxy Access Point"));
    members.push_back(wsman::text_member("InfoFormat", std::to_string(*format)));
    members.push_back(wsman::text_member("NetworkDnsSuffix", std::string(*suffix)));
    members.push_back(wsman::text_member("Port", std::to_string(*port)));
    members.push_back(wsman::text_member("Priority", std::to_string(present.size() + 1)));
    members.push_back(wsman::text_member("Type", "0"));
    if (!store.add(proxy_class, std::move(members))) return returned(pt_max_limit);
    return MethodReply{
        0,
        {wsman::reference_member("ProxyAccessPoint",
                                 wsman::resource_uri(proxy_class).value_or(std::string()), keys)}};
}

/// A reference to a certificate that is there, or an empty element, which clears it.
bool good_certificate(const Store& store, const Members& body, std::string_view name) {
    const Member* member = wsman::find(body, name);
    if (!member || member->kind != Member::Kind::reference) return true;
    return store.find("AMT_PublicKeyCertificate", member->members).has_value();
}

Outcome set_wired_certificates(Call& call) {
    const Store& store = call.machine.store;
    const bool good = good_certificate(store, call.request.body, "ServerCertificateIssuer") &&
                      good_certificate(store, call.request.body, "ClientCertificate");
    return returned(good ? 0 : pt_invalid_handle);
}

constexpr std::array<Method, 3> methods{{
    {port_class, "SetLinkPreference", 3, set_link_preference},
    {"IPS_HTTPProxyService", "AddProxyAccessPoint", 3, add_proxy},
    {"IPS_IEEE8021xSettings", "SetCertificates", 3, set_wired_certificates},
}};
constexpr std::array<PutRule, 1> puts{{{port_class, put_port}}};

}  // namespace

const Feature& network_feature() {
    static const Feature feature{methods, puts, {}, {}, {}, {}, nullptr};
    return feature;
}

}  // namespace oob::sim
