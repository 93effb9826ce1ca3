#include "vectors.h"

#include "core/text.h"

#include <doctest/doctest.h>

using namespace oob::codec::wsman;

namespace {

constexpr std::string_view power =
    "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_PowerManagementService";

/// A request in openwsman's manner: the given header blocks and body, prefix s for SOAP.
std::string enveloped(std::string_view headers, std::string_view body) {
    return oob::join({R"(<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope")"
                      R"( xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing")"
                      R"( xmlns:wsman="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd")"
                      R"( xmlns:wsen="http://schemas.xmlsoap.org/ws/2004/09/enumeration")"
                      R"( xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><s:Header>)",
                      headers, "</s:Header><s:Body>", body, "</s:Body></s:Envelope>"});
}

std::string action(std::string_view uri) {
    return oob::join({R"(<wsa:Action s:mustUnderstand="true">)", uri,
                      "</wsa:Action><wsa:MessageID>uuid:1</wsa:MessageID><wsman:ResourceURI>",
                      power, "</wsman:ResourceURI>"});
}

const std::string get = action("http://schemas.xmlsoap.org/ws/2004/09/transfer/Get");
const std::string enumerate = action("http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate");

Request read(std::string_view xml) {
    auto request = decode_request(xml);
    REQUIRE_MESSAGE(request.has_value(), request.error().message);
    return *std::move(request);
}

std::string refusal(std::string_view xml) {
    const auto request = decode_request(xml);
    REQUIRE_FALSE(request);
    CHECK(request.error().kind == oob::Class::protocol);
    return request.error().code;
}

}  // namespace

TEST_CASE(
    "a request with white space, foreign prefixes and a prefixed Name attribute is understood") {
    const Request request = read(example("foreign_prefixes_request"));
    CHECK(request.operation == Operation::invoke);
    CHECK(request.method == "RequestPowerStateChange");
    CHECK(request.resource_uri == power);
    CHECK(request.message_id == "uuid:8c2e56d4-5c8b-4d5c-9f0a-3f2a1b0c9d8e");
    CHECK(request.selectors ==
          Members{text_member("Name", "Intel(r) AMT Power Management Service")});
    CHECK(number_of(request.body, "PowerState") == 5);
    const Member* element = find(request.body, "ManagedElement");
    REQUIRE(element);
    CHECK(element->kind == Member::Kind::reference);
    CHECK(element->uri == "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ComputerSystem");
    CHECK(element->members == Members{text_member("Name", "ManagedSystem")});
    CHECK_FALSE(request.not_understood);
}

TEST_CASE("a put that repeats every scalar as a selector is read whole") {
    const std::string xml = enveloped(
        action("http://schemas.xmlsoap.org/ws/2004/09/transfer/Put") +
            "<wsman:SelectorSet><wsman:Selector Name=\"CreationClassName\">CIM_X</wsman:Selector>"
            "<wsman:Selector Name=\"EnabledState\">5</wsman:Selector></wsman:SelectorSet>",
        R"(<r:CIM_X xmlns:r="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_X">)"
        R"(<r:Blank> </r:Blank><r:On>1</r:On><r:Empty/><r:None xsi:nil="true"></r:None>)"
        R"(<r:N>1</r:N><r:N>2</r:N></r:CIM_X>)");
    const Request request = read(xml);
    CHECK(request.operation == Operation::put);
    CHECK(request.selectors.size() == 2);
    CHECK(text_of(request.body, "Blank") == " ");
    CHECK(truth_of(request.body, "On") == true);
    CHECK(text_of(request.body, "Empty") == "");
    REQUIRE(find(request.body, "None"));
    CHECK(find(request.body, "None")->kind == Member::Kind::null);
    CHECK(numbers_of(request.body, "N") == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("parameters without any namespace, and a method with an empty element, are read") {
    const std::string method = action(std::string(power) + "/RequestPowerStateChange");
    CHECK(number_of(read(enveloped(method,
                                   "<RequestPowerStateChange_INPUT><PowerState>2</PowerState>"
                                   "</RequestPowerStateChange_INPUT>"))
                        .body,
                    "PowerState") == 2);
    CHECK(
        read(enveloped(method, R"(<r:RequestPowerStateChange_INPUT xmlns:r="x"/>)")).body.empty());
    CHECK(read(enveloped(method, "")).body.empty());
}

TEST_CASE("embedded instances keep their own class, datetimes their text") {
    const Request request = read(example("add_alarm_request"));
    CHECK(request.method == "AddAlarm");
    CHECK(request.resource_uri ==
          "http://intel.com/wbem/wscim/1/amt-schema/1/AMT_AlarmClockService");
    REQUIRE(request.body.size() == 1);
    const Member& alarm = request.body[0];
    CHECK(alarm.kind == Member::Kind::object);
    CHECK(alarm.uri == "http://intel.com/wbem/wscim/1/ips-schema/1/IPS_AlarmClockOccurrence");
    CHECK(alarm.members == Members{text_member("InstanceID", "A"),
                                   datetime_member("StartTime", "2026-01-31T07:00:00Z")});
}

TEST_CASE("operation timeouts are read in every spelling") {
    struct Case {
        const char* text;
        std::uint32_t seconds;
    };
    const Case cases[] = {
        {"PT60S", 60}, {"PT60.000S", 60},         {"PT45.0S", 45}, {"PT1M30S", 90}, {"PT1H", 3600},
        {"soon", 60},  {"PT99999999999999H", 60}, {"PT", 0},       {"PT5", 60}};
    for (const Case& each : cases) {
        CAPTURE(each.text);
        const std::string header =
            oob::join({get, "<wsman:OperationTimeout>", each.text, "</wsman:OperationTimeout>"});
        CHECK(read(enveloped(header, "")).timeout_seconds == each.seconds);
    }
}

TEST_CASE("the controls of an enumeration are noticed") {
    const Request request = read(enveloped(
        enumerate +
            R"(<wsman:MaxEnvelopeSize s:mustUnderstand="true">51200</wsman:MaxEnvelopeSize>)",
        R"(<wsen:Enumerate><wsman:EnumerationMode>EnumerateObjectAndEPR</wsman:EnumerationMode>)"
        R"(<wsman:OptimizeEnumeration/><wsman:MaxElements>10</wsman:MaxElements>)"
        R"(<wsman:Filter Dialect="d">)"
        R"(<x/></wsman:Filter></wsen:Enumerate>)"));
    CHECK(request.mode == EnumerationMode::object_and_reference);
    CHECK(request.max_envelope_size == 51200);
    CHECK(request.max_elements == 10);
    CHECK(request.has_filter);
    CHECK(request.has_optimize);
    CHECK_FALSE(request.not_understood);
}

TEST_CASE("a header block that must be understood and is not is named") {
    struct Case {
        const char* block;
        const char* name;
    };
    const Case cases[] = {
        {R"(<wsman:OptionSet s:mustUnderstand="true"/>)", "OptionSet"},
        {R"(<wsman:FragmentTransfer s:mustUnderstand="1">x</wsman:FragmentTransfer>)",
         "FragmentTransfer"},
        {R"(<o:Locale xmlns:o="urn:other" s:mustUnderstand="true"/>)", "Locale"},
        {R"(<wsman:OptionSet s:mustUnderstand="false"/>)", nullptr},
        {R"(<wsman:OptionSet/>)", nullptr},
        {R"(<wsman:Locale s:mustUnderstand="true" xml:lang="en-US"/>)", nullptr},
    };
    for (const Case& each : cases) {
        CAPTURE(each.block);
        const Request request = read(enveloped(get + each.block, ""));
        CHECK(request.not_understood.value_or("") == (each.name ? each.name : ""));
    }
}

TEST_CASE("openwsman's namespace selector is left out") {
    const Request request = read(enveloped(
        get +
            "<wsman:SelectorSet><wsman:Selector Name=\"__cimnamespace\">root/cimv2</wsman:Selector>"
            "<wsman:Selector Name=\"Name\"> padded </wsman:Selector></wsman:SelectorSet>",
        ""));
    CHECK(request.selectors == Members{text_member("Name", " padded ")});
}

TEST_CASE("Identify needs no header") {
    CHECK(read(R"(<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><Identify )"
               R"(xmlns="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"/>)"
               "</e:Body></e:Envelope>")
              .operation == Operation::identify);
}

TEST_CASE("what is no request says why") {
    CHECK(refusal("<a/>") == "wsman.no_envelope");
    CHECK(refusal(R"(<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>)") ==
          "wsman.no_envelope");
    CHECK(refusal(enveloped("", "<x/>")) == "wsman.no_action");
    CHECK(refusal(enveloped(action("http://schemas.xmlsoap.org/ws/2004/08/eventing/Renew"), "")) ==
          "wsman.action");
    CHECK(refusal(enveloped(action(std::string(power) + "/"), "")) == "wsman.action");
    CHECK(refusal(enveloped(action("Get"), "")) == "wsman.action");
    CHECK(refusal("not xml") == "xml.malformed");
    CHECK(refusal("") == "xml.malformed");
    const std::string no_body =
        oob::join({R"(<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope")",
                   R"( xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><s:Header>)",
                   "<a:Action>x</a:Action></s:Header></s:Envelope>"});
    CHECK(refusal(no_body) == "wsman.no_body");
}

TEST_CASE("a refused request still tells its message id") {
    const auto request = decode_request(enveloped(action("urn:unknown"), ""));
    REQUIRE_FALSE(request);
    const oob::Value* id = request.error().native.find("message_id");
    REQUIRE(id);
    CHECK(id->text() == "uuid:1");
}
