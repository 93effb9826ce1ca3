#include "model_rig.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::sim;

namespace {

Member profile(std::string name, std::string priority, std::string method) {
    Member object;
    object.name = "WiFiEndpointSettingsInput";
    object.kind = Member::Kind::object;
    object.uri = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_WiFiEndpointSettings";
    object.members = {text("AuthenticationMethod", std::move(method)),
                      text("ElementName", name),
                      text("EncryptionMethod", "4"),
                      text("InstanceID", "Intel(r) AMT:WiFi Endpoint Settings " + name),
                      text("PSKPassPhrase", "correct horse"),
                      text("Priority", std::move(priority)),
                      text("SSID", "office")};
    return object;
}

std::uint64_t add_profile(Rig& rig, std::string name, std::string priority, std::string method) {
    return rig.call("AMT_WiFiPortConfigurationService", "AddWiFiSettings",
                    {reference("WiFiEndpoint", "CIM_WiFiEndpoint", "Name", "WiFi Endpoint 0"),
                     profile(std::move(name), std::move(priority), std::move(method))});
}

std::string created(const Reply& reply) {
    REQUIRE(reply.body.has_value());
    for (const Member& member : reply.body->members)
        if (const Member* key = codec::wsman::find(member.members, "InstanceID")) return key->text;
    return said(reply.body->members, "InstanceID");
}

Members filter(std::string name) {
    return {text("CreationClassName", "0"),  text("Name", std::move(name)),
            text("FilterProfile", "1"),      text("FilterDirection", "0"),
            text("ActionEventOnMatch", "1"), text("HdrProtocolID8021", "2048")};
}

}  // namespace

TEST_CASE("wired settings: with DHCP no address, without it address and mask") {
    Rig rig;
    constexpr std::string_view ports = "AMT_EthernetPortSettings";
    const Members wired{text("InstanceID", "Intel(r) AMT Ethernet Port Settings 0")};
    const auto put = [&](Members body) {
        body.push_back(text("ElementName", "Intel(r) AMT Ethernet Port Settings"));
        return rig.request(Operation::put, ports, wired, std::move(body));
    };
    CHECK(rig.refused(put({text("DHCPEnabled", "true"), text("IPAddress", "10.0.0.7")})).subcode ==
          "d:InvalidRepresentation");
    CHECK(rig.refused(put({text("DHCPEnabled", "false"), text("IPAddress", "10.0.0.7")})).subcode ==
          "d:InvalidRepresentation");
    rig.must(put({text("DHCPEnabled", "false"), text("IPAddress", "10.0.0.7"),
                  text("SubnetMask", "255.255.255.0"), text("LinkIsUp", "false")}));
    const Members after = rig.get(ports, wired);
    CHECK(said(after, "IPAddress") == "10.0.0.7");
    CHECK(said(after, "LinkIsUp") == "true");
    rig.must(put({text("DHCPEnabled", "true"), text("LinkPolicy", "1"), text("LinkPolicy", "16")}));
    CHECK(codec::wsman::numbers_of(rig.get(ports, wired), "LinkPolicy") ==
          std::vector<std::uint64_t>{1, 16});
}

TEST_CASE("wireless profiles: names and priorities are unique, secrets are not kept") {
    Rig rig;
    CHECK(add_profile(rig, "office", "1", "6") == 0);
    CHECK(add_profile(rig, "office", "2", "6") == 3);
    CHECK(add_profile(rig, "other", "1", "6") == 3);
    CHECK(add_profile(rig, "open", "3", "2") == 3);
    const auto profiles = rig.all("CIM_WiFiEndpointSettings");
    REQUIRE(profiles.size() == 1);
    CHECK(said(profiles[0].members, "InstanceID") == "Intel(r) AMT:WiFi Endpoint Settings office");
    CHECK(said(profiles[0].members, "PSKPassPhrase") == "(absent)");
    for (int i = 2; i < 9; ++i)
        CHECK(add_profile(rig, "p" + std::to_string(i), std::to_string(i), "6") == 0);
    CHECK(add_profile(rig, "ninth", "9", "6") == 2);
    rig.must(rig.request(Operation::delete_instance, "CIM_WiFiEndpointSettings",
                         {text("InstanceID", "Intel(r) AMT:WiFi Endpoint Settings office")}));
    CHECK(rig.all("CIM_WiFiEndpointSettings").size() == 7);
    CHECK(rig.call("CIM_WiFiPort", "RequestStateChange", {text("RequestedState", "32769")}) == 0);
    CHECK(said(rig.get("CIM_WiFiPort"), "EnabledState") == "32769");
    Rig desktop("9.1");
    CHECK(desktop.refused(desktop.request(Operation::get, "CIM_WiFiPort")).subcode ==
          "b:DestinationUnreachable");
}

TEST_CASE("filters, policies and ports are taken apart in the reverse order") {
    Rig rig;
    const std::string first =
        created(rig.must(rig.request(Operation::create, "AMT_Hdr8021Filter", {}, filter("one"))));
    CHECK(first == "1");
    CHECK(rig.all("AMT_NetworkFilter").size() == 1);
    Members policy{text("PolicyName", "block"),          text("PolicyPrecedence", "10"),
                   text("FilterCreationHandles", "1"),   text("TxDefaultDrop", "false"),
                   text("TxDefaultMatchEvent", "false"), text("TxDefaultCount", "false"),
                   text("RxDefaultDrop", "false"),       text("RxDefaultMatchEvent", "false"),
                   text("RxDefaultCount", "false")};
    const std::string name =
        created(rig.must(rig.request(Operation::create, "AMT_SystemDefensePolicy", {}, policy)));
    CHECK(name == "Intel(r) AMT:Policy 1");
    const Members link{
        reference("Antecedent", "CIM_EthernetPort", "DeviceID", "Intel(r) AMT Ethernet Port 0"),
        reference("Dependent", "AMT_SystemDefensePolicy", "InstanceID", name)};
    rig.must(rig.request(Operation::create, "AMT_NetworkPortSystemDefensePolicy", {}, link));
    const auto remove = [&](std::string_view class_name, Members selectors) {
        return rig.request(Operation::delete_instance, class_name, std::move(selectors));
    };
    CHECK(rig.refused(remove("AMT_Hdr8021Filter", {text("InstanceID", "1")})).detail ==
          "AMT-STATUS 16");
    CHECK(rig.refused(remove("AMT_SystemDefensePolicy", {text("InstanceID", name)})).detail ==
          "AMT-STATUS 16");
    rig.must(remove("AMT_NetworkPortSystemDefensePolicy", link));
    rig.must(remove("AMT_SystemDefensePolicy", {text("InstanceID", name)}));
    rig.must(remove("AMT_Hdr8021Filter", {text("InstanceID", "1")}));
}

TEST_CASE("a watchdog is created once, under a GUID") {
    Rig rig;
    Members body{text("DeviceID", "+k7B2PGx6hG+bcbSFzDYAA=="), text("StartupInterval", "60"),
                 text("TimeoutInterval", "60"), text("SystemName", "0")};
    rig.must(rig.request(Operation::create, "AMT_AgentPresenceWatchdog", {}, body));
    CHECK(rig.refused(rig.request(Operation::create, "AMT_AgentPresenceWatchdog", {}, body))
              .subcode == "e:AlreadyExists");
    CHECK(said(rig.get("AMT_AgentPresenceWatchdog"), "SystemName") == "Intel(r) AMT");
    body[0].text = "AAAA";
    CHECK(rig.refused(rig.request(Operation::create, "AMT_AgentPresenceWatchdog", {}, body))
              .subcode == "d:InvalidRepresentation");
}

TEST_CASE("proxies are added and deleted by name, from AMT 12 on") {
    Rig rig;
    const Members proxy{text("AccessInfo", "proxy.sim.example"), text("InfoFormat", "201"),
                        text("Port", "3128"), text("NetworkDnsSuffix", "sim.example")};
    CHECK(rig.call("IPS_HTTPProxyService", "AddProxyAccessPoint", proxy) == 0);
    CHECK(rig.call("IPS_HTTPProxyService", "AddProxyAccessPoint", proxy) == 2058);
    rig.must(rig.request(Operation::delete_instance, "IPS_HTTPProxyAccessPoint",
                         {text("Name", "Intel(r) ME:HTTP Proxy Access Point 0")}));
    CHECK(rig.all("IPS_HTTPProxyAccessPoint").empty());
    Rig old("11.8");
    CHECK(old.refused(old.request(Operation::get, "IPS_HTTPProxyService")).subcode ==
          "b:DestinationUnreachable");
}
