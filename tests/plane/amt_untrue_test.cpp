#include "core/text.h"
#include "net/deadline.h"
#include "plane/amt/alarm.h"
#include "plane/amt/boot.h"
#include "plane/amt/redirection.h"
#include "plane/answering_device.h"
#include "session/redirection_login.h"
#include "support/run.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Devices that say yes and do nothing: what counts is what is read back.

using namespace oob;
using codec::wsman::Operation;
using net::Task;
using plane::BootDevice;
namespace amt = plane::amt;
namespace wsman = codec::wsman;

namespace {

/// Has what the test gives it for each class, whatever it is told; other classes it does not know.
struct YesSayer {
    std::map<std::string, std::vector<wsman::Instance>> instances;
    std::string return_value = "0";
    std::string refused = {};  ///< the method that is answered so; empty: all

    test::AnsweringDevice device{[this](const auto& request) { return answer(request); }};
    session::WsmanClient client{device.options()};

    static std::string class_of(const wsman::Request& request) {
        return request.resource_uri.substr(request.resource_uri.rfind('/') + 1);
    }

    test::AnsweringDevice::Answer answer(const wsman::Request& request) {
        wsman::DeviceReply reply;
        if (request.operation == Operation::invoke) {
            const bool meant = refused.empty() || refused == request.method;
            reply.body = wsman::Instance{request.method + "_OUTPUT", request.resource_uri, {}};
            reply.body->members.push_back(
                wsman::text_member("ReturnValue", meant ? return_value : "0"));
            return reply;
        }
        const auto known = instances.find(class_of(request));
        if (known == instances.end())
            return wsman::Fault{"Sender", "b:DestinationUnreachable", "no such class", {}};
        for (wsman::Instance& each : known->second) each.uri = request.resource_uri;
        if (request.operation == Operation::enumerate) {
            reply.enumeration_context = "1";
        } else if (request.operation == Operation::pull) {
            reply.items = known->second;
            reply.end_of_sequence = true;
        } else if (request.operation != Operation::delete_instance && !known->second.empty()) {
            reply.body = known->second.front();
        }
        return reply;
    }

    /// What it was told to do, in order: methods, and classes that were put.
    std::string told() const {
        std::string out;
        for (const auto& request : device.heard) {
            if (request.operation == Operation::invoke) out += request.method + " ";
            if (request.operation == Operation::put) out += "Put ";
        }
        return out;
    }
};

wsman::Instance instance(const std::string& name,
                         std::initializer_list<std::pair<const char*, const char*>> members) {
    wsman::Instance out{name, {}, {}};
    for (const auto& [member, text] : members)
        out.members.push_back(wsman::text_member(member, text));
    return out;
}

/// A machine that is on, can be sent into its BIOS setup, and has its boot configuration armed.
YesSayer bootable() {
    wsman::Instance role = instance("CIM_ElementSettingData", {{"IsNext", "3"}});
    wsman::Members keys{wsman::text_member("InstanceID", "Intel(r) AMT: Boot Configuration 0")};
    role.members.insert(role.members.begin(),
                        wsman::reference_member("SettingData", "CIM_BootConfigSetting", keys));
    return YesSayer{
        {{"AMT_BootSettingData",
          {instance("AMT_BootSettingData",
                    {{"BIOSSetup", "false"}, {"UseSOL", "false"}, {"BootMediaIndex", "0"}})}},
         {"AMT_BootCapabilities", {instance("AMT_BootCapabilities", {{"BIOSSetup", "true"}})}},
         {"CIM_ElementSettingData", {role}},
         {"CIM_AssociatedPowerManagementService",
          {instance("CIM_AssociatedPowerManagementService", {{"PowerState", "2"}})}}}};
}

Result<void> set_boot(YesSayer& device, plane::BootWatch& watch) {
    amt::PowerSwitch power(device.client);
    amt::BootControl boot(device.client, power, false);
    return test::run(boot.set({.device = BootDevice::bios}, watch));
}

}  // namespace

TEST_CASE("redirection that stays off is a verify error") {
    for (const bool listener : {false, true}) {
        CAPTURE(listener);
        YesSayer device{{{"AMT_RedirectionService",
                          {instance("AMT_RedirectionService",
                                    {{"EnabledState", listener ? "32768" : "32769"},
                                     {"ListenerEnabled", listener ? "true" : "false"}})}}}};
        const auto set = test::run(amt::set_redirection(device.client, {true, 1}));
        REQUIRE(!set);
        CHECK(set.error().code == "verify.redirection");
        CHECK(device.told() == (listener ? "RequestStateChange " : "Put "));
    }
}

TEST_CASE("an alarm that is not listed, or is still listed, is a verify error") {
    std::vector<plane::Alarm> present;
    bool sent = false;
    YesSayer empty{{{"IPS_AlarmClockOccurrence", {}}}};
    amt::AlarmClock forgets(empty.client);
    const auto added =
        test::run(forgets.add({"daily", "2030-01-31T07:00:00Z", std::nullopt}, present, sent));
    REQUIRE(!added);
    CHECK(added.error().code == "verify.alarm");
    CHECK(sent);

    sent = false;
    YesSayer full{{{"IPS_AlarmClockOccurrence",
                    {instance("IPS_AlarmClockOccurrence", {{"InstanceID", "daily"}})}}}};
    amt::AlarmClock keeps(full.client);
    const auto removed = test::run(keeps.remove("daily", present, sent));
    REQUIRE(!removed);
    CHECK(removed.error().code == "verify.alarm");
    CHECK(sent);
}

TEST_CASE("boot settings that are not kept are a verify error, and what was left goes first") {
    YesSayer device = bootable();
    plane::BootWatch watch;
    const auto set = set_boot(device, watch);
    REQUIRE(!set);
    CHECK(set.error().code == "verify.boot");
    CHECK(set.error().message.contains("BIOSSetup"));
    CHECK(watch.sent);
    CHECK_FALSE(watch.verified);
    CHECK(device.told() == "ChangeBootOrder Put SetBootConfigRole ");
}

TEST_CASE("a refusal on the way to the next start is told, and ends it") {
    for (const char* method : {"ChangeBootOrder", "SetBootConfigRole"}) {
        CAPTURE(method);
        YesSayer device = bootable();
        device.return_value = "1";
        device.refused = method;
        plane::BootWatch watch;
        const auto set = set_boot(device, watch);
        REQUIRE(!set);
        CHECK(set.error().code == "firmware.return_value");
        CHECK(device.told().ends_with(std::string(method) + " "));
    }
}

TEST_CASE("a redirection port that is busy is asked once more, and another refusal is not") {
    struct Row {
        std::vector<std::uint8_t> says;  ///< the status on each connection
        std::size_t asked;
        std::string_view code;
    };
    using namespace codec::redirection;
    constexpr std::uint8_t busy = 2;
    constexpr std::uint8_t switched_off = 3;
    for (const Row& row :
         {Row{{busy, 0}, 2, ""}, Row{{busy, busy, 0}, 2, "session_busy.redirection"},
          Row{{switched_off, 0}, 1, "precondition.redirection"}}) {
        CAPTURE(row.code);
        test::ScriptedStream::Heard heard;
        std::size_t asked = 0;
        amt::RedirectionDoor door{{"admin", Secret(std::string("P@ssw0rd"))}, nullptr, {}};
        door.connect = [&]() -> Task<session::Peer> {
            heard = {};
            std::vector<std::string> says = test::login();
            says[0] = test::text(encode(StartSessionReply{row.says[asked++], 16, 1}));
            co_return test::peer(
                std::make_unique<test::ScriptedStream>(test::script(says), 4096, heard));
        };
        const auto open = [&]() -> Task<void> {
            (void)co_await amt::open_redirection(door, Protocol::sol);
        };
        const auto opened = test::run(open());
        CHECK(asked == row.asked);
        CHECK((opened ? "" : opened.error().code) == row.code);
    }
}
