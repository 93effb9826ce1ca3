#include "vectors.h"

#include "core/text.h"

#include <doctest/doctest.h>

using namespace oob::codec::wsman;

namespace {

std::string code_of(Operation operation, std::string_view xml) {
    const auto decoded = decode_reply(operation, xml);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().kind == oob::Class::protocol);
    return decoded.error().code;
}

std::string enveloped(std::string_view body) {
    return oob::join(
        {R"(<a:Envelope xmlns:a="http://www.w3.org/2003/05/soap-envelope" )",
         R"(xmlns:g="http://intel.com/wbem/wscim/1/amt-schema/1/AMT_X"><a:Header></a:Header>)",
         body, "</a:Envelope>"});
}

}  // namespace

TEST_CASE("a get gives the header and the instance") {
    const Reply reply = reply_in(Operation::get, example("get_reply"));
    CHECK(reply.action == "http://schemas.xmlsoap.org/ws/2004/09/transfer/GetResponse");
    CHECK(reply.relates_to == "1");
    CHECK(reply.resource_uri == "http://intel.com/wbem/wscim/1/amt-schema/1/AMT_GeneralSettings");
    REQUIRE(reply.body);
    CHECK(reply.body->name == "AMT_GeneralSettings");
    CHECK(reply.body->uri == reply.resource_uri);
    CHECK(reply.body->members.size() == 22);
    CHECK(text_of(reply.body->members, "HostName") == "ws-17");
    CHECK(number_of(reply.body->members, "DDNSTTL") == 900);
    CHECK(truth_of(reply.body->members, "SharedFQDN") == true);
}

TEST_CASE("a pull gives its items and says that it is the last") {
    const Reply reply = reply_in(Operation::pull, example("pull_reply"));
    CHECK(reply.items.size() == 10);
    CHECK(reply.end_of_sequence);
    CHECK(reply.enumeration_context.empty());
    CHECK(text_of(reply.items[5].members, "VersionString") == "8086");
    CHECK(reply_in(Operation::enumerate, example("enumerate_reply")).enumeration_context ==
          "14000000-0000-0000-0000-000000000000");
}

TEST_CASE("a create gives the reference of the new instance, with references as selectors") {
    const Reply reply = reply_in(Operation::create, example("create_reply"));
    REQUIRE(reply.body);
    CHECK(reply.body->name == "ResourceCreated");
    const Member* created = find(reply.body->members, "EndpointReference");
    REQUIRE(created);
    CHECK(created->uri == "http://intel.com/wbem/wscim/1/amt-schema/1/AMT_TLSCredentialContext");
    const Member* certificate = find(created->members, "ElementInContext");
    REQUIRE(certificate);
    CHECK(certificate->kind == Member::Kind::reference);
    CHECK(text_of(certificate->members, "InstanceID") == "Intel(r) AMT Certificate: Handle: 1");
}

TEST_CASE("a fault is a value, whatever was asked") {
    for (const Operation operation :
         {Operation::get, Operation::pull, Operation::invoke, Operation::delete_instance}) {
        const auto decoded = decode_reply(operation, example("unreachable_fault"));
        REQUIRE(decoded);
        const auto* fault = std::get_if<Fault>(&*decoded);
        REQUIRE(fault);
        CHECK(fault->code == "Sender");
        CHECK(fault->subcode == "b:DestinationUnreachable");
        CHECK(fault->local_subcode() == "DestinationUnreachable");
        CHECK(fault->detail.empty());
    }
}

TEST_CASE("the firmware's status is found in a fault's detail") {
    struct Case {
        const char* detail;
        std::optional<std::uint32_t> status;
    };
    const Case cases[] = {{"AMT-STATUS 16", 16},        {"x AMT-STATUS = 2081 y", 2081},
                          {"AMT-STATUS: 1", 1},         {"AMT-STATUS", {}},
                          {"AMT-STATUS none", {}},      {"16", {}},
                          {"AMT-STATUS 4294967296", {}}};
    for (const Case& each : cases) {
        CAPTURE(each.detail);
        CHECK(amt_status(Fault{"Receiver", "e:InternalError", "", each.detail}) == each.status);
    }
}

TEST_CASE("all text below Detail is kept") {
    const Fault fault =
        fault_in(enveloped("<a:Body><a:Fault><a:Code><a:Value>a:Receiver</a:Value></"
                           "a:Code><a:Detail><x>one</x><y><z> two </z></y>"
                           "</a:Detail></a:Fault></a:Body>"));
    CHECK(fault.code == "Receiver");
    CHECK(fault.subcode.empty());
    CHECK(fault.detail == "one two");
}

TEST_CASE("a put may answer with an empty body, a get may not") {
    const std::string empty = enveloped("<a:Body></a:Body>");
    CHECK_FALSE(reply_in(Operation::put, empty).body);
    CHECK(reply_in(Operation::delete_instance, empty).items.empty());
    CHECK(reply_in(Operation::release, empty).items.empty());
    for (const Operation operation : {Operation::get, Operation::invoke, Operation::pull,
                                      Operation::enumerate, Operation::create, Operation::identify})
        CHECK(code_of(operation, empty) == "wsman.unexpected");
}

TEST_CASE("another kind of reply than was asked for is refused") {
    CHECK(code_of(Operation::get, example("pull_reply")) == "wsman.unexpected");
    CHECK(code_of(Operation::pull, example("get_reply")) == "wsman.unexpected");
    CHECK(code_of(Operation::enumerate, example("pull_reply")) == "wsman.unexpected");
    CHECK(code_of(Operation::invoke, example("get_reply")) == "wsman.unexpected");
    CHECK(code_of(Operation::get, example("create_reply")) == "wsman.unexpected");
    CHECK(code_of(Operation::create, example("get_reply")) == "wsman.unexpected");
    CHECK(code_of(Operation::get, "<html></html>") == "wsman.no_envelope");
    CHECK(code_of(Operation::get, enveloped("")) == "wsman.no_body");
}

TEST_CASE("Identify tells vendor and version") {
    const Reply reply = reply_in(Operation::identify, example("identify_reply"));
    REQUIRE(reply.body);
    CHECK(text_of(reply.body->members, "ProductVendor") == "Intel(r)");
    CHECK(text_of(reply.body->members, "ProductVersion") == "AMT 15.0");
}

TEST_CASE("every prefix of a worked reply is an error, never a crash") {
    struct Case {
        const char* name;
        Operation operation;
    };
    const Case cases[] = {
        {"get_reply", Operation::get},         {"pull_reply", Operation::pull},
        {"create_reply", Operation::create},   {"invoke_reply", Operation::invoke},
        {"unreachable_fault", Operation::get}, {"identify_reply", Operation::identify}};
    for (const Case& each : cases) {
        const std::string whole = example(each.name);
        for (std::size_t n = 0; n < whole.size(); ++n) {
            CAPTURE(n);
            const auto decoded = decode_reply(each.operation, whole.substr(0, n));
            REQUIRE_FALSE(decoded);
            REQUIRE(decoded.error().kind == oob::Class::protocol);
        }
    }
}
