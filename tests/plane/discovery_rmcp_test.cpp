#include "plane/discovery/rmcp.h"

#include "core/json.h"
#include "support/hex.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace oob;
using namespace oob::plane;
using test::hex;

namespace {

// Reference discovery-posture, sections 12.2 and 12.4.
constexpr const char* amt_both =
    "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 01 57 42 61 b8 06 00 20 00 00 00 00 00 00";
constexpr const char* amt_bare =
    "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 01 57 00 00 80 00 00 20 00 00 00 00 00 00";
constexpr const char* controller =
    "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 11 be 00 00 00 00 81 00 00 00 00 00 00 00";
constexpr const char* other =
    "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 02 a2 00 00 00 00 01 00 00 00 00 00 00 00";
constexpr const char* weak =
    "06 00 ff 07 00 00 00 00 00 00 00 00 00 10 81 1c 63 20 00 38 00 01 97 1f 03 00 00 00 00 ee";
constexpr const char* refusal = "06 00 ff 07 00 00 00 00 00 00 00 00 00 08 81 1c 63 20 00 38 cc dc";

std::optional<Bytes> maybe(const char* text) {
    return text == nullptr ? std::nullopt : std::optional(hex(text));
}

}  // namespace

TEST_CASE("the answers of one address become one sighting") {
    struct {
        const char* what;
        const char* pong;
        const char* ipmi;
        const char* protocol;
        const char* firmware;
        const char* data;
    } const cases[] = {
        {"AMT with both ports", amt_both, nullptr, "amt", "11.8",
         R"({"kinds":["intel-amt"],"services":[{"protocol":"rmcp","transport":"udp",)"
         R"("port":623,"enterprise":343,"ipmi":false,"security_extensions":false,)"
         R"("dash":true},{"protocol":"amt","transport":"tcp","port":16992,"tls":false,)"
         R"("source":"pong"},{"protocol":"amt","transport":"tcp","port":16993,)"
         R"("tls":true,"source":"pong"}],"amt":{"version":"11.8",)"
         R"("version_source":"pong","provisioning":"post","tls":"both","dash":true}})"},
        {"AMT that is not set up", amt_bare, nullptr, "amt", "8.0",
         R"({"kinds":["intel-amt"],"services":[{"protocol":"rmcp","transport":"udp",)"
         R"("port":623,"enterprise":343,"ipmi":false,"security_extensions":false,)"
         R"("dash":true}],"amt":{"version":"8.0","version_source":"pong",)"
         R"("provisioning":"pre","tls":null,"dash":true}})"},
        {"a controller that answers both", controller, weak, "ipmi", nullptr,
         R"({"kinds":["ipmi-bmc"],"services":[{"protocol":"rmcp","transport":"udp",)"
         R"("port":623,"enterprise":4542,"ipmi":true,"security_extensions":false,)"
         R"("dash":false},{"protocol":"ipmi","transport":"udp","port":623}],)"
         R"("ipmi":{"versions":["1.5","2.0"],"completion":0,"channel":1,)"
         R"("auth_types":["none","md2","md5","password"],"login":{"anonymous":true,)"
         R"("null_user":true,"named_user":true,"user_level":false,"per_message":false,)"
         R"("key_set":false},"oem":null}})"},
        {"a controller that refuses", nullptr, refusal, "ipmi", nullptr,
         R"({"kinds":["ipmi-bmc"],"services":[{"protocol":"ipmi","transport":"udp",)"
         R"("port":623}],"ipmi":{"versions":[],"completion":204}})"},
        {"AMT in front of a controller", amt_bare, refusal, "amt", "8.0",
         R"({"kinds":["intel-amt","ipmi-bmc"],"services":[{"protocol":"rmcp",)"
         R"("transport":"udp","port":623,"enterprise":343,"ipmi":false,)"
         R"("security_extensions":false,"dash":true},{"protocol":"ipmi",)"
         R"("transport":"udp","port":623}],"amt":{"version":"8.0",)"
         R"("version_source":"pong","provisioning":"pre","tls":null,"dash":true},)"
         R"("ipmi":{"versions":[],"completion":204}})"},
        {"something else", other, nullptr, "rmcp", nullptr,
         R"({"kinds":["rmcp-unknown"],"services":[{"protocol":"rmcp","transport":"udp",)"
         R"("port":623,"enterprise":674,"ipmi":false,"security_extensions":false,)"
         R"("dash":false}]})"},
    };
    for (const auto& each : cases) {
        CAPTURE(each.what);
        auto seen = discovery::describe(maybe(each.pong), maybe(each.ipmi), discovery::rmcp_port);
        CHECK(seen.protocol == each.protocol);
        CHECK(seen.firmware.value_or("") == (each.firmware == nullptr ? "" : each.firmware));
        CHECK(to_json(seen.take_data()) == each.data);
    }
}

TEST_CASE("requests are those of the reference, and carry their tag") {
    CHECK(discovery::presence_ping(7) == hex("06 00 ff 06 00 00 11 be 80 07 00 00"));
    CHECK(discovery::ipmi_question(0) ==
          hex("06 00 ff 07 00 00 00 00 00 00 00 00 00 09 20 18 c8 81 00 38 8e 04 b5"));
    CHECK(discovery::ipmi_question(64) == discovery::ipmi_question(0));
    CHECK(discovery::ipmi_question(65) != discovery::ipmi_question(0));
}

TEST_CASE("an answer counts only for the tag that it was asked with") {
    CHECK(discovery::is_presence_pong(hex(controller), 7));
    CHECK(!discovery::is_presence_pong(hex(controller), 8));
    CHECK(!discovery::is_presence_pong(hex(weak), 7));
    CHECK(!discovery::is_presence_pong(hex("06 00 ff 86"), 7));
    CHECK(discovery::is_ipmi_answer(hex(weak), 0));
    CHECK(discovery::is_ipmi_answer(hex(weak), 128));
    CHECK(!discovery::is_ipmi_answer(hex(weak), 1));
    CHECK(!discovery::is_ipmi_answer(hex(controller), 7));
}
