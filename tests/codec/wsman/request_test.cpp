#include "vectors.h"

#include "codec/wsman/namespaces.h"
#include "codec/wsman/schema.h"

#include <doctest/doctest.h>

#include <functional>

using namespace oob::codec::wsman;

namespace {

std::string uri(std::string_view name) { return *resource_uri(name); }

Request request(Operation operation, std::string_view class_name, std::string id) {
    Request made;
    made.operation = operation;
    made.resource_uri = uri(class_name);
    made.message_id = std::move(id);
    return made;
}

Request pull_request() {
    Request pull = request(Operation::pull, "CIM_SoftwareIdentity", "3");
    pull.enumeration_context = "14000000-0000-0000-0000-000000000000";
    pull.max_elements = 999;
    return pull;
}

Request reset_request() {
    Request reset = request(Operation::invoke, "CIM_PowerManagementService", "4");
    reset.method = "RequestPowerStateChange";
    Member element = reference_member("ManagedElement", uri("CIM_ComputerSystem"),
                                      {text_member("CreationClassName", "CIM_ComputerSystem"),
                                       text_member("Name", "ManagedSystem")});
    element.text = ns::addressing;
    reset.body = {text_member("PowerState", "10"), element};
    return reset;
}

Request put_request() {
    Request put = request(Operation::put, "AMT_RedirectionService", "5");
    put.body = {text_member("CreationClassName", "AMT_RedirectionService"),
                text_member("ElementName", "Intel(r) AMT Redirection Service"),
                text_member("EnabledState", "32771"),
                text_member("ListenerEnabled", "true"),
                text_member("Name", "Intel(r) AMT Redirection Service"),
                text_member("SystemCreationClassName", "CIM_ComputerSystem"),
                text_member("SystemName", "Intel(r) AMT")};
    return put;
}

Request create_request() {
    Request create = request(Operation::create, "AMT_TLSCredentialContext", "6");
    create.body = {
        reference_member("ElementInContext", uri("AMT_PublicKeyCertificate"),
                         {text_member("InstanceID", "Intel(r) AMT Certificate: Handle: 1")}),
        reference_member("ElementProvidingContext", uri("AMT_TLSProtocolEndpointCollection"),
                         {text_member("ElementName", "TLSProtocolEndpointInstances Collection")})};
    return create;
}

Request identify_request() {
    Request identify;
    identify.operation = Operation::identify;
    return identify;
}

struct Case {
    const char* name;
    std::function<Request()> make;
};

const Case cases[] = {
    {"get_request", [] { return request(Operation::get, "AMT_GeneralSettings", "1"); }},
    {"enumerate_request",
     [] { return request(Operation::enumerate, "CIM_SoftwareIdentity", "2"); }},
    {"pull_request", pull_request},
    {"invoke_request", reset_request},
    {"put_request", put_request},
    {"create_request", create_request},
    {"identify_request", identify_request},
};

}  // namespace

TEST_CASE("every worked request comes out byte for byte") {
    for (const Case& each : cases) {
        CAPTURE(each.name);
        CHECK(encode_request(each.make()) == example(each.name));
    }
}

TEST_CASE("every worked request reads back as what was asked for") {
    for (const Case& each : cases) {
        CAPTURE(each.name);
        const auto read = decode_request(example(each.name));
        REQUIRE(read);
        const Request wanted = each.make();
        CHECK(read->operation == wanted.operation);
        CHECK(read->resource_uri == wanted.resource_uri);
        CHECK(read->method == wanted.method);
        CHECK(read->message_id == wanted.message_id);
        CHECK(read->timeout_seconds == 60);
        CHECK(read->body == wanted.body);
        CHECK(read->selectors.empty());
        CHECK(read->enumeration_context == wanted.enumeration_context);
        CHECK(read->max_elements == wanted.max_elements);
        CHECK(read->mode == EnumerationMode::object);
        CHECK_FALSE(read->not_understood);
        CHECK_FALSE(read->has_filter);
        CHECK_FALSE(read->has_optimize);
        CHECK_FALSE(read->max_envelope_size);
    }
}

TEST_CASE("every prefix of a worked request is an error, never a crash") {
    for (const Case& each : cases) {
        const std::string whole = example(each.name);
        for (std::size_t n = 0; n < whole.size(); ++n) {
            CAPTURE(n);
            const auto read = decode_request(whole.substr(0, n));
            REQUIRE_FALSE(read);
            REQUIRE(read.error().kind == oob::Class::protocol);
        }
    }
}

TEST_CASE("selectors and parameters are escaped and come back as they were") {
    Request made = request(Operation::invoke, "AMT_GeneralSettings", "<7>");
    made.method = "Do";
    made.timeout_seconds = 90;
    made.selectors = {
        text_member("Name", " a <b> & \"c\" "),
        reference_member("Filter", uri("CIM_FilterCollection"), {text_member("InstanceID", "1")})};
    Member object;
    object.name = "Input";
    object.kind = Member::Kind::object;
    object.uri = uri("CIM_WiFiEndpointSettings");
    object.members = {text_member("SSID", "caf\xc3\xa9 <&>"), text_member("Empty", "")};
    made.body = {text_member("Line", "one\r\ntwo\t3"),
                 datetime_member("Start", "2026-01-31T07:00:00Z"),
                 interval_member("Every", "P1DT0H0M0S"), object};
    const auto read = decode_request(encode_request(made));
    REQUIRE(read);
    CHECK(read->message_id == "<7>");
    CHECK(read->method == "Do");
    CHECK(read->timeout_seconds == 90);
    CHECK(read->selectors == made.selectors);
    CHECK(read->body == made.body);
}

TEST_CASE("a control character that XML forbids and a markup in a name are left out") {
    Request made = request(Operation::invoke, "AMT_GeneralSettings", "1");
    made.method = "Do";
    made.body = {text_member("A><B", std::string("x\x01y\0z", 5))};
    const std::string xml = encode_request(made);
    CHECK(xml.find("<h:AB>xyz</h:AB>") != std::string::npos);
}

TEST_CASE("null members are left away") {
    Request made = put_request();
    Member nothing;
    nothing.name = "AccessLog";
    nothing.kind = Member::Kind::null;
    made.body.insert(made.body.begin(), nothing);
    CHECK(encode_request(made) == example("put_request"));
}

TEST_CASE("enumeration modes and the release of a context are written and read") {
    Request made = request(Operation::enumerate, "AMT_GeneralSettings", "1");
    for (const EnumerationMode mode :
         {EnumerationMode::reference, EnumerationMode::object_and_reference}) {
        made.mode = mode;
        const auto read = decode_request(encode_request(made));
        REQUIRE(read);
        CHECK(read->mode == mode);
    }
    made = request(Operation::release, "AMT_GeneralSettings", "1");
    made.enumeration_context = "15000000-0000-0000-0000-000000000000";
    const auto read = decode_request(encode_request(made));
    REQUIRE(read);
    CHECK(read->operation == Operation::release);
    CHECK(read->enumeration_context == made.enumeration_context);
}

TEST_CASE("actions are those of the specifications, or the class and the method") {
    CHECK(action_uri(Operation::delete_instance, "x") ==
          "http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete");
    CHECK(action_uri(Operation::release, "x") ==
          "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release");
    CHECK(action_uri(Operation::invoke, "http://x/AMT_Y", "Z") == "http://x/AMT_Y/Z");
    CHECK(action_uri(Operation::identify, "x").empty());
}
