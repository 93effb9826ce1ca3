#include "session/wsman_client.h"

#include "codec/wsman/schema.h"
#include "session/device_script.h"
#include "support/run.h"

#include <doctest/doctest.h>

using namespace oob;
namespace wsman = codec::wsman;
using test::challenge_response;
using test::DeviceScript;
using test::ok_response;

namespace {

const std::string uri = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_Chip";

std::string envelope(const std::string& body) {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a:Envelope "
           "xmlns:a=\"http://www.w3.org/2003/05/soap-envelope\" "
           "xmlns:b=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
           "xmlns:g=\"http://schemas.xmlsoap.org/ws/2004/09/enumeration\" xmlns:h=\"" +
           uri + "\"><a:Header><b:RelatesTo>1</b:RelatesTo></a:Header><a:Body>" + body +
           "</a:Body></a:Envelope>";
}

std::string enumerate_reply(const std::string& context) {
    return ok_response(envelope("<g:EnumerateResponse><g:EnumerationContext>" + context +
                                "</g:EnumerationContext></g:EnumerateResponse>"));
}

std::string pull_reply(const std::string& tag, const std::string& context) {
    const std::string tail = context.empty() ? "<g:EndOfSequence></g:EndOfSequence>" : "";
    const std::string head =
        context.empty() ? "" : "<g:EnumerationContext>" + context + "</g:EnumerationContext>";
    return ok_response(envelope("<g:PullResponse>" + head + "<g:Items><h:CIM_Chip><h:Tag>" + tag +
                                "</h:Tag></h:CIM_Chip></g:Items>" + tail + "</g:PullResponse>"));
}

std::string fault_reply(const std::string& subcode, const std::string& detail) {
    std::string text = ok_response(
        envelope("<a:Fault><a:Code><a:Value>a:Sender</a:Value><a:Subcode><a:Value>" + subcode +
                 "</a:Value></a:Subcode></a:Code><a:Reason><a:Text>because</a:Text></a:Reason>"
                 "<a:Detail>" +
                 detail + "</a:Detail></a:Fault>"));
    text.replace(text.find("200 OK"), 6, "400 Bad Request");
    return text;
}

}  // namespace

TEST_CASE("an enumeration is pulled page by page until its end") {
    DeviceScript script{
        {challenge_response, enumerate_reply("14") + test::turn + pull_reply("CPU 0", "15") +
                                 test::turn + pull_reply("CPU 1", "")},
        9};
    session::WsmanClient client(script.options());
    const auto items = test::run(client.enumerate(uri));
    REQUIRE(items);
    REQUIRE(items->size() == 2);
    CHECK(wsman::text_of(items->at(1).members, "Tag") == "CPU 1");
    CHECK(script.heard[1]->text.find("<EnumerationContext>15<") != std::string::npos);
}

TEST_CASE("a Pull whose answer is lost is not sent again, because the next page would be missing") {
    // The connection is closed once with nothing heard, and once in the middle of the answer.
    for (const std::string& heard : {std::string(), pull_reply("CPU 0", "15").substr(0, 40)}) {
        CAPTURE(heard);
        DeviceScript script{{challenge_response, enumerate_reply("14") + test::turn + heard,
                             pull_reply("CPU 1", "")},
                            1};
        session::WsmanClient client(script.options());
        const auto items = test::run(client.enumerate(uri));
        REQUIRE(!items);
        CHECK(items.error().kind == (heard.empty() ? Class::connect : Class::protocol));
        CHECK(script.heard.size() == 2);
    }
}

TEST_CASE("an enumeration that never ends is given up") {
    std::string says = enumerate_reply("1");
    for (int i = 0; i < 20; ++i) says += test::turn + pull_reply("again", "1");
    DeviceScript script{{challenge_response, says}, 4096};
    session::WsmanClient client(script.options());
    const auto items = test::run(client.enumerate(uri, 10));
    REQUIRE(!items);
    CHECK(items.error().code == "firmware.endless");
}

TEST_CASE("an enumeration of empty pages, or of more bytes than firmware has, is given up") {
    std::string empty = enumerate_reply("1");
    for (int i = 0; i < 40; ++i)
        empty += test::turn + ok_response(envelope("<g:PullResponse><g:EnumerationContext>1"
                                                   "</g:EnumerationContext><g:Items></g:Items>"
                                                   "</g:PullResponse>"));
    DeviceScript patient{{challenge_response, empty}, 4096};
    session::WsmanClient client(patient.options());
    CHECK(test::run(client.enumerate(uri)).error().code == "firmware.endless");

    std::string large = enumerate_reply("1");
    for (int i = 0; i < 4; ++i) large += test::turn + pull_reply(std::string(1000, 'x'), "1");
    DeviceScript talker{{challenge_response, large}, 4096};
    session::WsmanClient reader(talker.options());
    const auto items = test::run(reader.enumerate(uri, 1000, 3000));
    REQUIRE(!items);
    CHECK(items.error().kind == Class::protocol);
    CHECK(items.error().code == "http.too_large");
    CHECK(!items.error().hint.empty());
}

TEST_CASE("small elements count as well: in memory they are large") {
    std::string many;
    for (int i = 0; i < 90'000; ++i) many += "<h:a/>";
    std::string pages = enumerate_reply("1");
    for (int i = 0; i < 7; ++i)
        pages +=
            test::turn + ok_response(envelope("<g:PullResponse><g:EnumerationContext>1"
                                              "</g:EnumerationContext><g:Items><h:CIM_Chip>" +
                                              many + "</h:CIM_Chip></g:Items></g:PullResponse>"));
    DeviceScript script{{challenge_response, pages}, 65536};
    session::WsmanClient client(script.options());
    const auto items = test::run(client.enumerate(uri));
    REQUIRE(!items);
    CHECK(items.error().code == "http.too_large");
}

TEST_CASE("a fault of megabytes is no error of megabytes") {
    wsman::Fault fault;
    fault.code = "Sender";
    fault.subcode = "e:" + std::string(1'000'000, 's');
    fault.reason = std::string(1'000'000, 'r');
    fault.detail = std::string(1'000'000, 'd');
    const Error error = session::error_of(fault);
    CHECK(error.message.size() < 1000);
    for (const auto& [key, value] : error.native.members()) CHECK(value.text().size() < 3000);
}

TEST_CASE("a fault keeps everything that the device said") {
    DeviceScript script{{challenge_response, fault_reply("e:InternalError", "AMT-STATUS 16")},
                        4096};
    session::WsmanClient client(script.options());
    const auto got = test::run(client.get(uri));
    REQUIRE(!got);
    const Error& error = got.error();
    CHECK(error.kind == Class::firmware);
    CHECK(error.native.find("code")->text() == "Sender");
    CHECK(error.native.find("subcode")->text() == "e:InternalError");
    CHECK(error.native.find("reason")->text() == "because");
    CHECK(error.native.find("amt_status")->integer() == 16);
    CHECK(error.native.find("amt_status_name")->text() == "NOT_PERMITTED");
}

TEST_CASE("nothing that was sent as a secret is repeated, in whatever words") {
    struct Lines : Trace {
        void write(std::string_view, char, std::string_view text) override { all += text; }
        std::string all;
    } trace;
    DeviceScript script{
        {challenge_response, fault_reply("b:InvalidValue", "hunter&lt;2 does not fit")}, 4096};
    auto options = script.options();
    options.trace = &trace;
    session::WsmanClient client(std::move(options));
    client.keep_replies();
    const auto put = test::run(client.put(uri, {}, {wsman::text_member("Password", "hunter<2")}));
    REQUIRE(!put);
    CHECK(script.heard[1]->text.find("hunter&lt;2") != std::string::npos);
    CHECK(put.error().native.find("detail")->text() == "[redacted] does not fit");
    CHECK(trace.all.find("<a:Detail>[redacted] does not fit<") != std::string::npos);
    CHECK(client.take_replies().back().find("<a:Detail>[redacted] does") != std::string::npos);
    for (const std::string_view words : {"hunter<2", "hunter&lt;2"})
        CHECK(trace.all.find(words) == std::string::npos);
}

TEST_CASE("a fault tells no secret of its own") {
    wsman::Fault fault;
    fault.code = "Sender";
    fault.reason = "bad Password: hunter2";
    fault.detail = "<h:PSK>hunter2</h:PSK>";
    const Error error = session::error_of(fault);
    CHECK(error.message == "the device refused (bad Password[redacted])");
    CHECK(error.native.find("detail")->text() == "[redacted]");
    const std::string told =
        fault_reply("b:X", "<h:PSK>hunter2<h:v>hunter2</h:v></h:PSK><h:d>2</h:d>");
    DeviceScript script{{challenge_response, told}, 4096};
    session::WsmanClient client(script.options());
    CHECK(test::run(client.get(uri)).error().native.find("detail")->text() == "[redacted] 2");
}

TEST_CASE("each fault of the reference has its class") {
    struct Row {
        const char* subcode;
        Class kind;
    };
    for (const Row& row :
         {Row{"b:DestinationUnreachable", Class::unsupported},
          Row{"e:AccessDenied", Class::forbidden}, Row{"e:AlreadyExists", Class::precondition},
          Row{"d:InvalidRepresentation", Class::firmware},
          Row{"b:ActionNotSupported", Class::unsupported},
          Row{"x:NeverHeardOf", Class::firmware}}) {
        CAPTURE(row.subcode);
        wsman::Fault fault;
        fault.code = "Sender";
        fault.subcode = row.subcode;
        CHECK(session::error_of(fault).kind == row.kind);
        CHECK_FALSE(session::error_of(fault).hint.empty());
    }
}

TEST_CASE("a change whose answer is no XML is indeterminate; a read is a protocol error") {
    DeviceScript script{{challenge_response, ok_response("this is <not> XML")}, 4096};
    session::WsmanClient client(script.options());
    CHECK(test::run(client.put(uri, {}, {})).error().kind == Class::indeterminate);
    DeviceScript again{{challenge_response, ok_response("this is <not> XML")}, 4096};
    session::WsmanClient reader(again.options());
    CHECK(test::run(reader.get(uri)).error().kind == Class::protocol);
}

TEST_CASE("a text that XML cannot hold is refused before anything is sent") {
    for (const char* text : {"a\x1b[2J", "\xff", "\ufffe"}) {
        CAPTURE(text);
        DeviceScript script{{}};
        session::WsmanClient client(script.options());
        const auto put = test::run(client.put(uri, {}, {wsman::text_member("Tag", text)}));
        REQUIRE(!put);
        CHECK(put.error().code == "usage.character");
        CHECK(script.heard.empty());
    }
}

TEST_CASE("a ReturnValue has its name in the error") {
    const wsman::Members output{wsman::text_member("ReturnValue", "2")};
    try {
        session::require_success(output, "CIM_PowerManagementService", "RequestPowerStateChange");
        FAIL("it must not succeed");
    } catch (const Failure& failure) {
        const Error& error = failure.error();
        CHECK(error.code == "firmware.return_value");
        CHECK(error.native.find("return_value")->integer() == 2);
        CHECK_FALSE(error.native.find("return_name")->text().empty());
        CHECK(error.message.find(error.native.find("return_name")->text()) != std::string::npos);
    }
}
