#include "core/text.h"
#include "model_rig.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::sim;

namespace {

constexpr std::string_view accounts_class = "AMT_AuthorizationService";
constexpr std::string_view keys_class = "AMT_PublicKeyManagementService";
constexpr std::string_view setup_class = "AMT_SetupAndConfigurationService";
constexpr std::string_view some_digest =
    "AO5mh6rmRiQeKqO6Cj7guA==";  // reference wsman, section 7.1

Members user(std::string name, std::vector<std::string> realms) {
    Members made{text("DigestUsername", std::move(name)),
                 text("DigestPassword", std::string(some_digest)), text("AccessPermission", "2")};
    for (std::string& realm : realms) made.push_back(text("Realms", std::move(realm)));
    return made;
}

std::string created(const Members& output, std::string_view name) {
    const Member* reference = codec::wsman::find(output, name);
    REQUIRE(reference);
    return said(reference->members, "InstanceID");
}

/// A key pair made by the device; its InstanceID.
std::string make_key(Rig& rig) {
    return created(rig.invoke(keys_class, "GenerateKeyPair",
                              {text("KeyAlgorithm", "0"), text("KeyLength", "2048")}),
                   "KeyPair");
}

}  // namespace

TEST_CASE("accounts are added, read, changed, switched off and removed") {
    Rig rig;
    const Members added =
        rig.invoke(accounts_class, "AddUserAclEntryEx", user("operator", {"5", "2"}));
    CHECK(said(added, "Handle") == "3");
    const Account* account = rig.device.account("operator");
    REQUIRE(account);
    CHECK(account->ha1 == "00ee6687aae646241e2aa3ba0a3ee0b8");
    CHECK(account->realms == std::set<unsigned>{2, 5});
    const Members read = rig.invoke(accounts_class, "GetUserAclEntryEx", {text("Handle", "3")});
    CHECK(said(read, "DigestUsername") == "operator");
    CHECK(said(read, "DigestPassword") == "(absent)");
    CHECK(rig.call(accounts_class, "SetAclEnabledState",
                   {text("Handle", "3"), text("Enabled", "false")}) == 0);
    CHECK(rig.device.account("operator") == nullptr);
    CHECK(said(rig.invoke(accounts_class, "GetAclEnabledState", {text("Handle", "3")}),
               "Enabled") == "false");
    Members change = user("renamed", {"13"});
    change.push_back(text("Handle", "3"));
    CHECK(rig.call(accounts_class, "UpdateUserAclEntryEx", change) == 0);
    CHECK(rig.call(accounts_class, "RemoveUserAclEntry", {text("Handle", "3")}) == 0);
    CHECK(rig.call(accounts_class, "GetUserAclEntryEx", {text("Handle", "3")}) == 2053);
}

TEST_CASE("accounts: what the firmware refuses, and how it says so") {
    Rig rig;
    const auto add = [&](Members parameters) {
        return rig.call(accounts_class, "AddUserAclEntryEx", std::move(parameters));
    };
    CHECK(add(user("admin", {"5"})) == 12);
    CHECK(add(user("$$mine", {"5"})) == 12);
    CHECK(add(user("name:with", {"5"})) == 12);
    CHECK(add(user("a-name-of-17-char", {"5"})) == 12);
    CHECK(add(user("someone", {"24"})) == 2055);
    CHECK(add(user("someone", {"1"})) == 2055);
    CHECK(add(user("someone", {})) == 36);
    Members weak = user("someone", {"5"});
    for (Member& member : weak)
        if (member.name == "DigestPassword") member.text = "AAAA";
    CHECK(add(weak) == 2054);
    for (int i = 0; i < 7; ++i) CHECK(add(user("user" + std::to_string(i), {"5"})) == 0);
    CHECK(add(user("user0", {"5"})) == 2058);
    CHECK(add(user("user7", {"5"})) == 23);
    CHECK(rig.call(accounts_class, "RemoveUserAclEntry", {text("Handle", "1")}) == 2053);
    CHECK(rig.call(accounts_class, "EnumerateUserAclEntries", {text("StartIndex", "99")}) == 35);
}

TEST_CASE("the administrator's digest can be changed") {
    Rig rig;
    CHECK(rig.call(accounts_class, "SetAdminAclEntryEx",
                   {text("Username", "admin"), text("DigestPassword", std::string(some_digest))}) ==
          0);
    CHECK(rig.device.account("admin")->ha1 == "00ee6687aae646241e2aa3ba0a3ee0b8");
    CHECK(said(rig.invoke(accounts_class, "GetAdminAclEntry"), "Username") == "admin");
}

TEST_CASE("an account without the realm is told NOT_PERMITTED or AccessDenied") {
    Rig rig;
    rig.caller.account = Account{"reader", "", {13}};
    rig.get("AMT_GeneralSettings");
    CHECK(rig.refused(rig.request(Operation::get, "AMT_BootSettingData")).subcode ==
          "e:AccessDenied");
    CHECK(rig.refused(rig.request(Operation::enumerate, "CIM_Chassis")).subcode ==
          "e:AccessDenied");
    CHECK(rig.refused(
                 rig.request(Operation::put, "AMT_GeneralSettings", {}, {text("HostName", "mine")}))
              .subcode == "e:AccessDenied");
    CHECK(rig.power(8) == 32768 + 16);
    CHECK(rig.call(accounts_class, "RemoveUserAclEntry", {text("Handle", "3")}) == 16);
    rig.caller.account.realms = {5};
    CHECK(rig.power(8) == 0);
    rig.caller.account.realms = {3};
    CHECK(rig.refused(rig.request(Operation::get, "AMT_AuditLog")).subcode == "e:AccessDenied");
}

TEST_CASE("a full unprovision answers first, then forgets and closes the ports") {
    Rig rig;
    const std::string realm(rig.device.digest_realm());
    rig.invoke(accounts_class, "AddUserAclEntryEx", user("operator", {"5"}));
    rig.change("AMT_GeneralSettings", {text("HostName", "renamed")});
    CHECK(rig.call(setup_class, "Unprovision", {text("ProvisioningMode", "9")}) == 36);
    CHECK(rig.call(setup_class, "Unprovision", {text("ProvisioningMode", "1")}) == 0);
    CHECK(rig.state("control_mode").text() == "unprovisioned");
    CHECK(rig.state("provisioning").text() == "pre");
    CHECK(rig.state("accounts").integer() == 1);
    CHECK(rig.device.digest_realm() != realm);
    CHECK(rig.device.digest_realm().size() == realm.size());
    for (const Port port : {Port::http, Port::https, Port::redirection, Port::redirection_tls})
        CHECK(!rig.device.port_open(port));
    CHECK(said(rig.get("AMT_GeneralSettings"), "HostName") == "sim-0005");
    CHECK(said(rig.get("AMT_GeneralSettings"), "DigestRealm") == rig.device.digest_realm());
    CHECK(rig.all("AMT_PublicKeyCertificate").empty());
}

TEST_CASE("host-based setup makes a client-mode device, once") {
    Rig rig("15.0", "control_mode = \"unprovisioned\"");
    const auto setup = [&](std::string digest) {
        return rig.call("IPS_HostBasedSetupService", "Setup",
                        {text("NetAdminPassEncryptionType", "2"),
                         text("NetworkAdminPassword", std::move(digest))});
    };
    Request denied = rig.request(Operation::invoke, "IPS_HostBasedSetupService");
    denied.method = "Setup";
    rig.caller.account.realms.insert(24);
    CHECK(rig.refused(denied).subcode == "e:AccessDenied");
    rig.caller.account = Account{"$$OsAdmin", "", {24}};
    CHECK(setup("short") == 3);
    CHECK(setup("00ee6687aae646241e2aa3ba0a3ee0b8") == 0);
    CHECK(setup("00ee6687aae646241e2aa3ba0a3ee0b8") == 2);
    CHECK(rig.state("control_mode").text() == "client");
    CHECK(rig.device.account("admin")->ha1 == "00ee6687aae646241e2aa3ba0a3ee0b8");
    rig.caller.account = *rig.device.account("admin");
    CHECK(said(rig.get("IPS_HostBasedSetupService"), "CurrentControlMode") == "1");
    CHECK(said(rig.get(setup_class), "ProvisioningMode") == "4");
    CHECK(rig.call(setup_class, "SetMEBxPassword", {text("Password", "P@ssw0rd")}) == 16);
    CHECK(rig.call(setup_class, "PartialUnprovision") == 16);
}

TEST_CASE("ports follow the generation and the committed TLS settings") {
    struct Case {
        std::string_view generation;
        bool plain;
    };
    for (const Case& one :
         {Case{"7.1", true}, Case{"15.0", true}, Case{"16.1", false}, Case{"19.0", false}}) {
        CAPTURE(one.generation);
        Rig rig(one.generation);
        CHECK(rig.device.port_open(Port::http) == one.plain);
        CHECK(rig.device.port_open(Port::redirection) == one.plain);
        CHECK(rig.device.port_open(Port::https));
        CHECK(rig.device.port_open(Port::redirection_tls));
    }
    const Members remote{text("InstanceID", "Intel(r) AMT 802.3 TLS Settings")};
    Rig rig;
    rig.change("AMT_TLSSettingData",
               {text("Enabled", "true"), text("AcceptNonSecureConnections", "false"),
                text("MutualAuthentication", "false")},
               remote);
    CHECK(rig.device.port_open(Port::http));
    CHECK(rig.call(setup_class, "CommitChanges") == 0);
    CHECK(!rig.device.port_open(Port::http));
    rig.change("AMT_TLSSettingData", {text("Enabled", "false")}, remote);
    CHECK(rig.call(setup_class, "CommitChanges") == 0);
    CHECK(rig.device.port_open(Port::http));
    CHECK(!rig.device.port_open(Port::https));
    Rig enforced("16.1");
    CHECK(enforced
              .refused(enforced.request(Operation::put, "AMT_TLSSettingData", remote,
                                        {text("ElementName", "TLS"), text("Enabled", "false")}))
              .detail == "AMT-STATUS 16");
}

TEST_CASE("keys and certificates: made, linked, in use, and deleted in the right order") {
    Rig rig;
    const std::string key = make_key(rig);
    CHECK(key == "Intel(r) AMT Key: Handle: 1");
    const Members pair = rig.get("AMT_PublicPrivateKeyPair", {text("InstanceID", key)});
    CHECK(base64_decode(said(pair, "DERKey")).has_value());
    const auto refused = [&](std::string_view class_name, std::string instance) {
        return rig.refused(rig.request(Operation::delete_instance, class_name,
                                       {text("InstanceID", std::move(instance))}));
    };
    CHECK(refused("AMT_PublicKeyCertificate", "Intel(r) AMT Certificate: Handle: 0").detail ==
          "AMT-STATUS 16");
    CHECK(refused("AMT_PublicPrivateKeyPair", "Intel(r) AMT Key: Handle: 0").detail ==
          "AMT-STATUS 16");
    rig.must(rig.request(Operation::delete_instance, "AMT_PublicPrivateKeyPair",
                         {text("InstanceID", key)}));
    CHECK(make_key(rig) == key);
    const std::string own = said(rig.get("AMT_PublicKeyCertificate"), "X509Certificate");
    CHECK(rig.call(keys_class, "AddTrustedRootCertificate", {text("CertificateBlob", own)}) ==
          2058);
    CHECK(rig.call(keys_class, "AddTrustedRootCertificate", {text("CertificateBlob", "AAAA")}) ==
          2063);
    CHECK(rig.call(keys_class, "AddCertificate", {text("CertificateBlob", "no base64!")}) == 36);
    CHECK(rig.call(keys_class, "GenerateKeyPair",
                   {text("KeyAlgorithm", "0"), text("KeyLength", "512")}) == 2062);
    CHECK(rig.call(keys_class, "AddKey", {text("KeyBlob", "AAAA")}) == 2062);
}

TEST_CASE("key generation may take several tries") {
    Rig rig("15.0", "[quirks]\nkey_busy = 2");
    const Members wanted{text("KeyAlgorithm", "0"), text("KeyLength", "2048")};
    CHECK(rig.call(keys_class, "GenerateKeyPair", wanted) == 2082);
    CHECK(rig.call(keys_class, "GenerateKeyPair", wanted) == 2082);
    CHECK(rig.call(keys_class, "GenerateKeyPair", wanted) == 0);
}

TEST_CASE("the TLS context can be created once, and put afterwards") {
    Rig rig;
    const Members body{reference("ElementInContext", "AMT_PublicKeyCertificate", "InstanceID",
                                 "Intel(r) AMT Certificate: Handle: 0"),
                       reference("ElementProvidingContext", "AMT_TLSProtocolEndpointCollection",
                                 "ElementName", "TLSProtocolEndpointInstances Collection")};
    CHECK(
        rig.refused(rig.request(Operation::create, "AMT_TLSCredentialContext", {}, body)).subcode ==
        "e:AlreadyExists");
    rig.put("AMT_TLSCredentialContext", body);
    rig.change("AMT_TLSSettingData", {text("Enabled", "false")},
               {text("InstanceID", "Intel(r) AMT 802.3 TLS Settings")});
    CHECK(rig.call(setup_class, "CommitChanges") == 0);
    rig.must(rig.request(Operation::delete_instance, "AMT_TLSCredentialContext",
                         rig.get("AMT_TLSCredentialContext")));
    const Reply made =
        rig.must(rig.request(Operation::create, "AMT_TLSCredentialContext", {}, body));
    REQUIRE(made.body.has_value());
    CHECK(rig.all("CIM_CredentialContext").size() == 1);
}

TEST_CASE("remote access: servers, policies, and what depends on what") {
    Rig rig;
    const Members server{text("AccessInfo", "mps.sim.example"),
                         text("InfoFormat", "201"),
                         text("Port", "4433"),
                         text("AuthMethod", "2"),
                         text("Username", "amt"),
                         text("Password", "P@ssw0rd")};
    const Members made = rig.invoke("AMT_RemoteAccessService", "AddMpServer", server);
    const Member* address = codec::wsman::find(made, "MpServer");
    REQUIRE(address);
    CHECK(said(address->members, "Name") == "Intel(r) AMT:Management Presence Server 0");
    CHECK(rig.call("AMT_RemoteAccessService", "AddMpServer", server) == 2058);
    Member target = *address;
    target.name = "MpServer";
    const auto policy = [&](std::string trigger, std::string period) {
        Members parameters{text("Trigger", std::move(trigger)), text("TunnelLifeTime", "0"),
                           target};
        if (!period.empty()) parameters.push_back(text("ExtendedData", std::move(period)));
        return rig.call("AMT_RemoteAccessService", "AddRemoteAccessPolicyRule",
                        std::move(parameters));
    };
    CHECK(policy("2", "") == 36);
    CHECK(policy("2", "AAAAAAAAABk=") == 0);
    CHECK(policy("2", "AAAAAAAAABk=") == 2058);
    CHECK(policy("0", "") == 0);
    CHECK(rig.all("AMT_RemoteAccessPolicyAppliesToMPS").size() == 2);
    const Members by_name{text("Name", "Intel(r) AMT:Management Presence Server 0")};
    CHECK(rig.refused(rig.request(Operation::delete_instance, "AMT_ManagementPresenceRemoteSAP",
                                  by_name))
              .detail == "AMT-STATUS 16");
    rig.put("AMT_RemoteAccessPolicyAppliesToMPS",
            {text("MpsType", "2"),
             reference("PolicySet", "AMT_RemoteAccessPolicyRule", "PolicyRuleName", "Periodic")});
    for (const auto& item : rig.all("AMT_RemoteAccessPolicyAppliesToMPS")) {
        const Member* set = codec::wsman::find(item.members, "PolicySet");
        const bool periodic = said(set->members, "PolicyRuleName") == "Periodic";
        CHECK(said(item.members, "MpsType") == (periodic ? "2" : "0"));
    }
    for (const std::string_view name : {"Periodic", "User Initiated"})
        rig.must(rig.request(Operation::delete_instance, "AMT_RemoteAccessPolicyRule",
                             {text("PolicyRuleName", std::string(name))}));
    rig.must(rig.request(Operation::delete_instance, "AMT_ManagementPresenceRemoteSAP", by_name));
    CHECK(rig.all("AMT_MPSUsernamePassword").empty());
}

TEST_CASE("the UUID may be made no identity, or another device's") {
    Rig rig;
    CHECK(said(rig.invoke(setup_class, "GetUuid"), "UUID") == "0g8cigAAAECAAAAAAACwBQ==");
    rig.set("uuid", "FFFFFFFF-ffff-ffff-ffff-ffffffffffff");
    CHECK(said(rig.invoke(setup_class, "GetUuid"), "UUID") == "/////////////////////w==");
    CHECK(said(rig.get("CIM_ComputerSystemPackage"), "PlatformGUID") ==
          "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF");
    CHECK(!rig.device.set("uuid", "not a uuid").has_value());
}

TEST_CASE("activation ends with CommitChanges once everything that it needs is there") {
    Rig rig("19.0", "control_mode = \"unprovisioned\"");
    rig.set("provisioning", "in");
    CHECK(rig.device.port_open(Port::https));
    CHECK(!rig.device.port_open(Port::redirection_tls));
    CHECK(rig.call(setup_class, "CommitChanges") == 2057);
    CHECK(rig.call(setup_class, "SetMEBxPassword", {text("Password", "weak")}) == 2054);
    CHECK(rig.call(setup_class, "SetMEBxPassword", {text("Password", "P@ssw0rd")}) == 0);
    CHECK(rig.call(setup_class, "CommitChanges") == 0);
    CHECK(rig.state("provisioning").text() == "post");
    CHECK(rig.call(setup_class, "ExtendProvisioningPeriod", {text("Duration", "2")}) == 3);
}
