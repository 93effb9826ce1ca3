#include "codec/wsman/namespaces.h"
#include "codec/wsman/schema.h"
#include "core/text.h"
#include "model_rig.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <functional>

// The wire rules of the reference (wsman, section 6.1), each by its number, held against everything
// that every generation answers.

using namespace oob;
using namespace oob::sim;
using codec::wsman::xml::Document;
using codec::wsman::xml::Node;

namespace {

struct Heard {
    std::string what;
    Answer answer;
};

/// Get, Enumerate and the first Pull of every class, and some calls and mistakes.
std::vector<Heard> everything(std::string_view generation) {
    Rig rig(generation);
    std::vector<Heard> heard;
    const auto hear = [&](std::string what, const Request& request) {
        heard.push_back({std::move(what), rig.ask(request)});
        return heard.back().answer.body;
    };
    for (const std::string_view name : codec::wsman::class_names()) {
        hear(join({"get ", name}), rig.request(Operation::get, name));
        const std::string body =
            hear(join({"enumerate ", name}), rig.request(Operation::enumerate, name));
        const auto decoded = codec::wsman::decode_reply(Operation::enumerate, body);
        REQUIRE(decoded.has_value());
        if (!std::holds_alternative<Reply>(*decoded)) continue;
        Request pull = rig.request(Operation::pull, name);
        pull.enumeration_context = std::get<Reply>(*decoded).enumeration_context;
        hear(join({"pull ", name}), pull);
    }
    Request invoke = rig.request(Operation::invoke, "AMT_TimeSynchronizationService");
    invoke.method = "GetLowAccuracyTimeSynch";
    hear("invoke", invoke);
    invoke = rig.request(Operation::invoke, "AMT_MessageLog", {},
                         {text("IterationIdentifier", "1"), text("MaxReadRecords", "390")});
    invoke.method = "GetRecords";
    hear("invoke records", invoke);
    hear("put", rig.request(Operation::put, "AMT_GeneralSettings", {}, {text("HostName", "a<b")}));
    hear("unknown class", rig.request(Operation::get, "CIM_Unheard"));
    heard.push_back({"no XML", rig.device.answer("<", rig.caller)});
    return heard;
}

void for_everything(const std::function<void(const Heard&)>& check) {
    for (const std::string_view generation : {"7.1", "15.0", "19.0"})
        for (const Heard& heard : everything(generation)) {
            CAPTURE(generation);
            CAPTURE(heard.what);
            check(heard);
        }
}

Document parse(const Answer& answer) {
    auto document = Document::parse(answer.body);
    REQUIRE(document.has_value());
    return *std::move(document);
}

/// The start tags of a text: what stands between < and >.
std::vector<std::string_view> start_tags(std::string_view xml) {
    std::vector<std::string_view> tags;
    for (std::size_t at = xml.find('<'); at != std::string_view::npos; at = xml.find('<', at + 1)) {
        const std::string_view tag = xml.substr(at + 1, xml.find('>', at) - at - 1);
        if (!tag.starts_with('/') && !tag.starts_with('?')) tags.push_back(tag);
    }
    return tags;
}

}  // namespace

TEST_CASE("W1: the envelope's prefix is a, so that a:Header and a:Body exist by name") {
    for_everything([](const Heard& heard) {
        CHECK(heard.answer.body.find("<a:Envelope ") != std::string::npos);
        CHECK(heard.answer.body.find("<a:Header>") != std::string::npos);
        CHECK(heard.answer.body.find("<a:Body>") != std::string::npos);
    });
}

TEST_CASE(
    "W2: the body has exactly one child, named after the class, the output or the operation") {
    for_everything([](const Heard& heard) {
        const Document document = parse(heard.answer);
        const auto children = document.root().child("Body").children();
        REQUIRE(children.size() == 1);
        const std::string_view name = children.front().name();
        const auto words = split(heard.what, ' ');
        if (heard.answer.status == 400)
            CHECK(name == "Fault");
        else if (words[0] == "get")
            CHECK(name == words[1]);
        else if (words[0] == "enumerate")
            CHECK(name == "EnumerateResponse");
        else if (words[0] == "pull")
            CHECK(name == "PullResponse");
        else if (words[0] == "invoke")
            CHECK(name.ends_with("_OUTPUT"));
    });
}

TEST_CASE("W3: no white space and no comment between elements") {
    for_everything([](const Heard& heard) {
        const std::string_view body = heard.answer.body;
        for (const std::string_view gap : {"> <", ">\n<", ">\r\n<", ">\t<", "<!--"})
            CHECK(body.find(gap) == std::string_view::npos);
    });
}

TEST_CASE("W4: no self-closing element, no blank inside an attribute's value") {
    for_everything([](const Heard& heard) {
        for (const std::string_view tag : start_tags(heard.answer.body)) {
            CAPTURE(tag);
            CHECK(!tag.ends_with('/'));
            const auto pieces = split(tag, '"');
            for (std::size_t i = 1; i < pieces.size(); i += 2)
                CHECK(pieces[i].find(' ') == std::string_view::npos);
        }
    });
}

TEST_CASE("W5: data elements have no attributes, namespaces stand on the envelope only") {
    for_everything([](const Heard& heard) {
        for (const std::string_view tag : start_tags(heard.answer.body)) {
            const auto words = split(tag, ' ');
            if (words.size() == 1 || words[0] == "a:Envelope") continue;
            const bool allowed =
                words[0] == "c:Selector" || words[0] == "b:Action" || words[0] == "a:Text";
            CHECK_MESSAGE(allowed, tag);
            CHECK(tag.find("xmlns") == std::string_view::npos);
        }
    });
}

TEST_CASE("W6: members are in the namespace of their class, ReturnValue in the service's") {
    for_everything([](const Heard& heard) {
        if (heard.answer.status != 200 || heard.what.starts_with("enumerate")) return;
        const Document document = parse(heard.answer);
        Node top = document.root().child("Body").first_child();
        std::vector<Node> instances{top};
        if (top.name() == "PullResponse") instances = top.child("Items").children();
        for (const Node instance : instances) {
            CHECK(codec::wsman::class_name(instance.uri()).find('_') != std::string_view::npos);
            for (const Node member : instance.children()) CHECK(member.uri() == instance.uri());
        }
    });
}

TEST_CASE("W7: a CIM time is a Datetime in the common namespace, which the envelope declares") {
    Rig rig;
    const Answer answer = rig.ask(rig.request(Operation::get, "CIM_BIOSElement"));
    const Document document = parse(answer);
    const Node date = document.root().child("Body").first_child().child("ReleaseDate");
    CHECK(date.first_child().name() == "Datetime");
    CHECK(date.first_child().uri() == codec::wsman::ns::common);
    CHECK(date.first_child().text() == "2021-03-19T00:00:00Z");
}

TEST_CASE("W8: an empty list is no element at all, and lists that clients index have two items") {
    Rig old("7.1");
    const Answer answer =
        old.ask(old.request(Operation::get, "CIM_AssociatedPowerManagementService"));
    CHECK(answer.body.find("AvailableRequestedPowerStates") == std::string::npos);
    Rig rig;
    const Members users = rig.invoke("AMT_AuthorizationService", "EnumerateUserAclEntries",
                                     {text("StartIndex", "1")});
    CHECK(codec::wsman::numbers_of(users, "Handles").size() >= 2);
    CHECK(rig.all("AMT_TLSSettingData").size() == 2);
    CHECK(rig.all("AMT_EthernetPortSettings").size() == rig.all("IPS_IPv6PortSettings").size());
}

TEST_CASE("W9: texts that must stay texts do not look like numbers") {
    for (const std::string& generation : Personality::builtin_names()) {
        CAPTURE(generation);
        Rig rig(generation);
        const std::string version =
            said(rig.get("CIM_SoftwareIdentity", {text("InstanceID", "AMT")}), "VersionString");
        CHECK(std::ranges::count(version, '.') == 2);
        const std::string host = said(rig.get("AMT_GeneralSettings"), "HostName");
        CHECK(std::ranges::any_of(host, [](unsigned char c) { return std::isalpha(c) != 0; }));
        const std::string guid = said(rig.get("CIM_ComputerSystemPackage"), "PlatformGUID");
        CHECK(std::ranges::any_of(guid, [](char c) { return c > 'E' || (c >= 'A' && c < 'E'); }));
    }
}

TEST_CASE("W10: RelatesTo is the MessageID, letter by letter") {
    Rig rig;
    for (const std::string_view id : {"0", "17", "uuid:6f6e7c2a-6a0e-4c0f-9d0b-0d1f0a6f3b11"}) {
        Request request = rig.request(Operation::get, "AMT_GeneralSettings");
        request.message_id = id;
        CHECK(rig.ask(request).body.find(join({"<b:RelatesTo>", id, "</b:RelatesTo>"})) !=
              std::string::npos);
        request.resource_uri += "X";
        CHECK(rig.ask(request).body.find(join({"<b:RelatesTo>", id, "</b:RelatesTo>"})) !=
              std::string::npos);
    }
}

TEST_CASE("W11: fault subcodes have their literal prefixes, and the reason is a text") {
    Rig rig;
    const auto body_of = [&](const Request& request) { return rig.ask(request).body; };
    CHECK(body_of(rig.request(Operation::get, "CIM_Unheard"))
              .find("<a:Value>b:DestinationUnreachable</a:Value>") != std::string::npos);
    CHECK(body_of(
              rig.request(Operation::create, "AMT_TLSCredentialContext", {},
                          {reference("ElementInContext", "AMT_PublicKeyCertificate", "InstanceID",
                                     "Intel(r) AMT Certificate: Handle: 0"),
                           reference("ElementProvidingContext", "AMT_TLSProtocolEndpointCollection",
                                     "ElementName", "TLSProtocolEndpoint Instances Collection")}))
              .find("<a:Value>e:AlreadyExists</a:Value>") != std::string::npos);
    CHECK(body_of(rig.request(Operation::put, "AMT_BootSettingData", {}, {text("UseSOL", "true")}))
              .find("<a:Value>d:InvalidRepresentation</a:Value>") != std::string::npos);
}

TEST_CASE("W12: every 400 carries a SOAP fault with a reason") {
    std::size_t faults = 0;
    for_everything([&](const Heard& heard) {
        if (heard.answer.status == 200) return;
        ++faults;
        CHECK(heard.answer.status == 400);
        const Document document = parse(heard.answer);
        const Node fault = document.root().child("Body").child("Fault");
        CHECK(!fault.child("Reason").child("Text").text().empty());
        CHECK(!fault.child("Code").child("Value").text().empty());
    });
    CHECK(faults > 10);
}

TEST_CASE("W16: every answer ends with the envelope") {
    for_everything([](const Heard& heard) {
        CHECK(heard.answer.body.ends_with("</a:Envelope>"));
        CHECK(heard.answer.body.find("</a:Envelope>") + 13 == heard.answer.body.size());
    });
}

TEST_CASE("W17: the XML declaration comes first, without a byte order mark") {
    for_everything([](const Heard& heard) {
        CHECK(
            heard.answer.body.starts_with(R"(<?xml version="1.0" encoding="UTF-8"?><a:Envelope)"));
    });
}
