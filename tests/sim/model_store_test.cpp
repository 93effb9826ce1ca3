#include "codec/wsman/schema.h"
#include "model_rig.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::sim;
using namespace std::chrono_literals;

namespace {

std::string context_of(Rig& rig, std::string_view class_name) {
    return rig.must(rig.request(Operation::enumerate, class_name)).enumeration_context;
}

Request pull_of(Rig& rig, std::string_view class_name, std::string context) {
    Request made = rig.request(Operation::pull, class_name);
    made.enumeration_context = std::move(context);
    return made;
}

}  // namespace

TEST_CASE("Get: singletons without selectors, others by any keys that fit exactly one") {
    Rig rig;
    CHECK(said(rig.get("CIM_SoftwareIdentity", {text("InstanceID", "AMT")}), "VersionString") ==
          "15.0.23");
    CHECK(said(rig.get("AMT_GeneralSettings", {text("Unknown", "x")}), "HostName") == "sim-0005");
    const auto refused = [&](std::string_view class_name, Members selectors) {
        return rig.refused(rig.request(Operation::get, class_name, std::move(selectors))).subcode;
    };
    CHECK(refused("CIM_SoftwareIdentity", {}) == "b:DestinationUnreachable");
    CHECK(refused("CIM_SoftwareIdentity", {text("InstanceID", "amt")}) ==
          "b:DestinationUnreachable");
    CHECK(refused("CIM_SoftwareIdentity", {text("InstanceID", "AMT ")}) ==
          "b:DestinationUnreachable");
    CHECK(refused("CIM_Unheard", {}) == "b:DestinationUnreachable");
    CHECK(refused("http://example.com/AMT_GeneralSettings", {}) == "b:DestinationUnreachable");
}

TEST_CASE("Put keeps what the body does not say, ignores what cannot be written, checks the rest") {
    Rig rig;
    const Reply reply =
        rig.put("AMT_GeneralSettings",
                {text("ElementName", "Intel(r) AMT: General Settings"), text("HostName", "renamed"),
                 text("DigestRealm", "Digest:00"), text("AMTNetworkEnabled", "0"),
                 text("NoSuchMember", "1"), text("PingResponseEnabled", "0")});
    REQUIRE(reply.body.has_value());
    const Members after = rig.get("AMT_GeneralSettings");
    CHECK(reply.body->members == after);
    CHECK(said(after, "HostName") == "renamed");
    CHECK(said(after, "PingResponseEnabled") == "false");
    CHECK(said(after, "AMTNetworkEnabled") == "1");
    CHECK(said(after, "DigestRealm") == rig.device.digest_realm());
    CHECK(said(after, "IdleWakeTimeout") == "65535");
    CHECK(said(after, "NoSuchMember") == "(absent)");
    for (const auto& [name, value] : {std::pair("IdleWakeTimeout", "soon"),
                                      {"PingResponseEnabled", "yes"},
                                      {"DDNSTTL", "4294967296"},
                                      {"DHCPv6ConfigurationTimeout", "65536"},
                                      {"DDNSTTL", "-1"}})
        CHECK(
            rig.refused(rig.request(Operation::put, "AMT_GeneralSettings", {}, {text(name, value)}))
                .subcode == "e:SchemaValidationError");
}

TEST_CASE("Put finds its instance by the selectors of every client") {
    Rig rig;
    const Members everything{text("ElementName", "Intel(r) AMT 802.3 TLS Settings"),
                             text("Enabled", "true"),
                             text("InstanceID", "Intel(r) AMT 802.3 TLS Settings"),
                             text("MutualAuthentication", "true")};
    rig.put("AMT_TLSSettingData", everything, everything);
    rig.put("AMT_TLSSettingData", everything);  // by the keys in the body
    const Members after =
        rig.get("AMT_TLSSettingData", {text("InstanceID", "Intel(r) AMT 802.3 TLS Settings")});
    CHECK(said(after, "MutualAuthentication") == "true");
    CHECK(rig.refused(
                 rig.request(Operation::put, "AMT_TLSSettingData", {}, {text("Enabled", "true")}))
              .subcode == "e:InvalidSelectors");
}

TEST_CASE("one device's changes are not another's") {
    Rig one;
    Rig other;
    one.change("AMT_GeneralSettings", {text("HostName", "renamed")});
    CHECK(said(other.get("AMT_GeneralSettings"), "HostName") == "sim-0005");
}

TEST_CASE("contexts are little-endian counters, gone after the end, after release and after 60 s") {
    Rig rig;
    const std::string first = context_of(rig, "CIM_SoftwareIdentity");
    CHECK(first == "14000000-0000-0000-0000-000000000000");
    Request pull = pull_of(rig, "CIM_SoftwareIdentity", first);
    CHECK(rig.must(pull).end_of_sequence);
    CHECK(rig.refused(pull).subcode == "c:InvalidEnumerationContext");

    const std::string second = context_of(rig, "CIM_SoftwareIdentity");
    Request release = rig.request(Operation::release, "CIM_SoftwareIdentity");
    release.enumeration_context = second;
    rig.must(release);
    CHECK(rig.refused(release).subcode == "c:InvalidEnumerationContext");

    const std::string third = context_of(rig, "CIM_SoftwareIdentity");
    rig.wait(60s);
    Request part = pull_of(rig, "CIM_SoftwareIdentity", third);
    part.max_elements = 1;
    rig.must(part);
    rig.wait(61s);
    CHECK(rig.refused(part).code == "Receiver");
    CHECK(rig.refused(pull_of(rig, "CIM_Chassis", context_of(rig, "CIM_Card"))).subcode ==
          "c:InvalidEnumerationContext");
}

TEST_CASE("the ninth enumeration ends the oldest") {
    Rig rig;
    std::vector<std::string> contexts;
    for (int i = 0; i < 9; ++i) contexts.push_back(context_of(rig, "CIM_SoftwareIdentity"));
    CHECK(rig.refused(pull_of(rig, "CIM_SoftwareIdentity", contexts[0])).subcode ==
          "c:InvalidEnumerationContext");
    for (int i = 1; i < 9; ++i)
        rig.must(pull_of(rig, "CIM_SoftwareIdentity", contexts[static_cast<std::size_t>(i)]));
}

TEST_CASE("MaxElements is honoured, and without it everything comes at once") {
    Rig rig;
    Request pull = pull_of(rig, "CIM_SoftwareIdentity", context_of(rig, "CIM_SoftwareIdentity"));
    pull.max_elements = 4;
    std::vector<std::size_t> sizes;
    for (bool done = false; !done;) {
        const Reply reply = rig.must(pull);
        sizes.push_back(reply.items.size());
        done = reply.end_of_sequence;
        CHECK(done == reply.enumeration_context.empty());
    }
    CHECK(sizes == std::vector<std::size_t>{4, 4, 3});
    CHECK(rig.must(pull_of(rig, "CIM_SoftwareIdentity", context_of(rig, "CIM_SoftwareIdentity")))
              .items.size() == 11);
}

TEST_CASE("some providers hand out one item a Pull, and the end only when asked again") {
    Rig rig;
    Request pull = pull_of(rig, "CIM_Chip", context_of(rig, "CIM_Chip"));
    pull.max_elements = 999;
    for (int i = 0; i < 3; ++i) {
        const Reply reply = rig.must(pull);
        CHECK(reply.items.size() == 1);
        CHECK(!reply.end_of_sequence);
    }
    const Reply last = rig.must(pull);
    CHECK(last.items.empty());
    CHECK(last.end_of_sequence);
}

TEST_CASE("a superclass hands out its subclasses under their own names") {
    struct Case {
        std::string_view asked;
        std::vector<std::string_view> names;
    };
    const Case cases[] = {
        {"CIM_ServiceAvailableToElement", {"CIM_AssociatedPowerManagementService"}},
        {"CIM_SystemPackaging", {"CIM_ComputerSystemPackage"}},
        {"CIM_Chip", {"CIM_Chip", "CIM_PhysicalMemory", "CIM_PhysicalMemory"}},
        {"CIM_PhysicalPackage",
         {"CIM_Card", "CIM_PhysicalPackage", "CIM_PhysicalPackage", "CIM_Chassis"}},
        {"CIM_BootSettingData", {"AMT_BootSettingData"}},
        {"CIM_CredentialContext", {"AMT_TLSCredentialContext"}},
        {"IPS_ProvisioningAuditRecord", {"IPS_AdminProvisioningRecord"}},
        {"IPS_SessionUsingPort", {}},
        {"AMT_NetworkFilter", {}},
    };
    for (const Case& one : cases) {
        CAPTURE(one.asked);
        Rig rig;
        std::vector<std::string> names;
        for (const auto& item : rig.all(one.asked)) names.push_back(item.name);
        CHECK(names == std::vector<std::string>(one.names.begin(), one.names.end()));
    }
}

TEST_CASE("references instead of objects, or both, when the client asks for them") {
    Rig rig;
    for (const auto mode : {codec::wsman::EnumerationMode::reference,
                            codec::wsman::EnumerationMode::object_and_reference}) {
        Request enumerate = rig.request(Operation::enumerate, "CIM_SoftwareIdentity");
        enumerate.mode = mode;
        Request pull =
            pull_of(rig, "CIM_SoftwareIdentity", rig.must(enumerate).enumeration_context);
        pull.mode = mode;
        const Answer answer = rig.ask(pull);
        CHECK(answer.status == 200);
        CHECK(answer.body.find("EndpointReference") != std::string::npos);
        CHECK(answer.body.find(">Recovery Build Num<") != std::string::npos);
        const bool objects = mode == codec::wsman::EnumerationMode::object_and_reference;
        CHECK((answer.body.find("VersionString") != std::string::npos) == objects);
    }
}

TEST_CASE("headers and features that AMT does not have are faults") {
    Rig rig;
    const std::string plain =
        codec::wsman::encode_request(rig.request(Operation::get, "AMT_GeneralSettings"));
    const auto with_header = [&](std::string_view header) {
        std::string soap = plain;
        soap.insert(soap.find("</Header>"), header);
        const Answer answer = rig.device.answer(soap, rig.caller);
        const auto decoded = codec::wsman::decode_reply(Operation::get, answer.body);
        REQUIRE(decoded.has_value());
        const auto* fault = std::get_if<Fault>(&*decoded);
        return fault ? (fault->subcode.empty() ? fault->code : fault->subcode) : std::string("ok");
    };
    CHECK(with_header(R"(<w:MaxEnvelopeSize>49999</w:MaxEnvelopeSize>)") == "e:EncodingLimit");
    CHECK(with_header(R"(<w:MaxEnvelopeSize>50000</w:MaxEnvelopeSize>)") == "ok");
    CHECK(with_header(R"(<w:OptionSet></w:OptionSet>)") == "ok");
    CHECK(with_header(R"(<w:OptionSet xmlns:s="http://www.w3.org/2003/05/soap-envelope")"
                      R"( s:mustUnderstand="true"></w:OptionSet>)") == "MustUnderstand");
    CHECK(with_header(R"(<w:Locale xml:lang="de-DE"></w:Locale>)") == "ok");

    const auto enumerate_with = [&](std::string_view inside) {
        std::string soap =
            codec::wsman::encode_request(rig.request(Operation::enumerate, "CIM_SoftwareIdentity"));
        const auto at = soap.find("</Enumerate>");
        if (at != std::string::npos) soap.insert(at, inside);
        const Answer answer = rig.device.answer(soap, rig.caller);
        const auto decoded = codec::wsman::decode_reply(Operation::enumerate, answer.body);
        REQUIRE(decoded.has_value());
        const auto* fault = std::get_if<Fault>(&*decoded);
        return fault ? fault->subcode : std::string("ok");
    };
    CHECK(enumerate_with("") == "ok");
    CHECK(enumerate_with("<w:OptimizeEnumeration></w:OptimizeEnumeration>") ==
          "e:UnsupportedFeature");
    CHECK(enumerate_with("<w:Filter>anything</w:Filter>") == "c:FilteringNotSupported");
}

TEST_CASE("verbs and methods that a class does not have are not supported") {
    Rig rig;
    const auto refused = [&](Operation operation, std::string_view class_name) {
        return rig.refused(rig.request(operation, class_name)).subcode;
    };
    CHECK(refused(Operation::put, "CIM_Chassis") == "b:ActionNotSupported");
    CHECK(refused(Operation::create, "AMT_GeneralSettings") == "b:ActionNotSupported");
    CHECK(refused(Operation::delete_instance, "AMT_GeneralSettings") == "b:ActionNotSupported");
    Request invoke = rig.request(Operation::invoke, "AMT_GeneralSettings");
    invoke.method = "Explode";
    CHECK(rig.refused(invoke).subcode == "b:ActionNotSupported");
    CHECK(rig.device.answer("this is no XML", rig.caller).status == 400);
    CHECK(rig.device.answer("", rig.caller).status == 400);
}

TEST_CASE("every prefix of a request gets an answer") {
    Rig rig;
    const std::string whole =
        codec::wsman::encode_request(rig.request(Operation::get, "AMT_GeneralSettings"));
    for (std::size_t size = 0; size < whole.size(); size += 7) {
        CAPTURE(size);
        CHECK(rig.device.answer(whole.substr(0, size), rig.caller).status == 400);
    }
    CHECK(rig.device.answer(whole, rig.caller).status == 200);
}

TEST_CASE("the journal says what was understood, and keeps secrets out") {
    Rig rig;
    const Answer get =
        rig.ask(rig.request(Operation::get, "CIM_SoftwareIdentity", {text("InstanceID", "AMT")}));
    CHECK(get.journal.find("operation")->text() == "get");
    CHECK(get.journal.find("class")->text() == "CIM_SoftwareIdentity");
    CHECK(get.journal.find("selectors")->find("InstanceID")->text() == "AMT");
    Request invoke = rig.request(Operation::invoke, "AMT_SetupAndConfigurationService", {},
                                 {text("Password", "Sup3r-S3cret")});
    invoke.method = "SetMEBxPassword";
    const Answer done = rig.ask(invoke);
    CHECK(done.journal.find("method")->text() == "SetMEBxPassword");
    CHECK(done.journal.find("return_value")->integer(-1) == 0);
    CHECK(done.journal.find("parameters")->find("Password")->text() == "(secret)");
    const Answer refused = rig.ask(rig.request(Operation::get, "CIM_Unheard"));
    CHECK(refused.journal.find("fault")->text() == "b:DestinationUnreachable");
}

TEST_CASE("every class with instances is one that the schema or the data gives keys") {
    for (const std::string& name : Personality::builtin_names()) {
        Rig rig(name);
        for (const std::string_view class_name : codec::wsman::class_names()) {
            auto answer = rig.send(rig.request(Operation::enumerate, class_name));
            if (std::holds_alternative<Fault>(answer)) continue;
            CAPTURE(name);
            CAPTURE(class_name);
            for (const auto& item : rig.all(class_name)) {
                const auto* schema = codec::wsman::find_class(item.name);
                CHECK_MESSAGE(schema, item.name);
                for (const Member& member : item.members)
                    if (schema)
                        CHECK_MESSAGE(codec::wsman::find_property(*schema, member.name),
                                      item.name << "." << member.name);
            }
        }
    }
}
