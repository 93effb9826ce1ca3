#include "core/text.h"
#include "model_rig.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::sim;
using namespace std::chrono_literals;

namespace {

std::string consent_state(Rig& rig) { return said(rig.get("IPS_OptInService"), "OptInState"); }

std::uint64_t send_code(Rig& rig, std::string code) {
    return rig.call("IPS_OptInService", "SendOptInCode", {text("OptInCode", std::move(code))});
}

constexpr std::string_view client = "control_mode = \"client\"";

/// A device in client mode that shows its code.
std::string begin_consent(Rig& rig) {
    CHECK(rig.call("IPS_OptInService", "StartOptIn") == 0);
    CHECK(consent_state(rig) == "1");
    rig.wait(1s);
    CHECK(consent_state(rig) == "2");
    return std::string(rig.state("consent.code").text());
}

Members alarm(std::string name, std::string start, std::string interval, std::string once) {
    Member object;
    object.name = "AlarmTemplate";
    object.kind = Member::Kind::object;
    object.uri = "http://intel.com/wbem/wscim/1/ips-schema/1/IPS_AlarmClockOccurrence";
    object.members = {text("InstanceID", name), text("ElementName", name),
                      codec::wsman::datetime_member("StartTime", std::move(start))};
    if (!interval.empty()) {
        Member every = codec::wsman::datetime_member("Interval", std::move(interval));
        every.kind = Member::Kind::interval;
        object.members.push_back(every);
    }
    object.members.push_back(text("DeleteOnCompletion", std::move(once)));
    return {object};
}

}  // namespace

TEST_CASE("consent: the right code is received, used by a session, and ends") {
    Rig rig("15.0", client);
    CHECK(said(rig.get("IPS_OptInService"), "OptInRequired") == "4294967295");
    const std::string code = begin_consent(rig);
    CHECK(code.size() == 6);
    CHECK(code.front() != '0');
    CHECK(send_code(rig, code) == 0);
    CHECK(consent_state(rig) == "3");
    CHECK(rig.state("consent.code").is_null());
    rig.device.redirection_session(sim::Redirected::sol, true);
    CHECK(consent_state(rig) == "4");
    rig.wait(1h);
    CHECK(consent_state(rig) == "4");
    rig.device.redirection_session(sim::Redirected::sol, false);
    CHECK(consent_state(rig) == "3");
    rig.set("boot.use_sol", true);
    rig.wait(119s);
    CHECK(consent_state(rig) == "3");
    rig.wait(1s);
    CHECK(consent_state(rig) == "0");
    CHECK(rig.state("boot.use_sol") == Value(false));
}

TEST_CASE("consent: three wrong codes start over") {
    Rig rig("15.0", client);
    const std::string code = begin_consent(rig);
    const std::string wrong = code == "123456" ? "123457" : "123456";
    CHECK(send_code(rig, wrong) == 4);
    CHECK(send_code(rig, wrong) == 4);
    CHECK(consent_state(rig) == "2");
    CHECK(send_code(rig, wrong) == 4);
    CHECK(consent_state(rig) == "0");
    CHECK(send_code(rig, code) == 2);
    CHECK(begin_consent(rig) != code);
}

TEST_CASE("consent: the code is shown for a limited time, and only while the host is on") {
    Rig rig("15.0", client);
    begin_consent(rig);
    rig.wait(299s);
    CHECK(consent_state(rig) == "2");
    rig.wait(1s);
    CHECK(consent_state(rig) == "0");
    rig.set("power", "off");
    CHECK(rig.call("IPS_OptInService", "StartOptIn") == 0);
    rig.wait(5s);
    CHECK(consent_state(rig) == "1");
    CHECK(rig.call("IPS_OptInService", "StartOptIn") == 2);
    CHECK(rig.call("IPS_OptInService", "CancelOptIn") == 0);
    CHECK(consent_state(rig) == "0");
}

TEST_CASE("consent: the policy is the administrator's in admin mode and fixed in client mode") {
    Rig admin;
    CHECK(admin.call("IPS_OptInService", "StartOptIn") == 2);
    admin.put("IPS_OptInService", {text("OptInRequired", "1"), text("OptInCodeTimeout", "60"),
                                   text("OptInState", "4")});
    const Members after = admin.get("IPS_OptInService");
    CHECK(said(after, "OptInRequired") == "1");
    CHECK(said(after, "OptInCodeTimeout") == "60");
    CHECK(said(after, "OptInState") == "0");
    CHECK(said(after, "CanModifyOptInPolicy") == "1");
    for (const auto& [name, value] : {std::pair("OptInRequired", "2"),
                                      {"OptInCodeTimeout", "59"},
                                      {"OptInDisplayTimeout", "9"}})
        CHECK(
            admin
                .refused(admin.request(Operation::put, "IPS_OptInService", {}, {text(name, value)}))
                .subcode == "d:InvalidRepresentation");
    Rig locked("15.0", client);
    CHECK(locked
              .refused(locked.request(Operation::put, "IPS_OptInService", {},
                                      {text("OptInRequired", "0")}))
              .subcode == "e:AccessDenied");
}

TEST_CASE("the clock runs, can be set, and refuses nonsense") {
    Rig rig;
    const auto read = [&] {
        return *parse_unsigned(
            said(rig.invoke("AMT_TimeSynchronizationService", "GetLowAccuracyTimeSynch"), "Ta0"));
    };
    const auto set = [&](std::uint64_t ta0, std::uint64_t tm1, std::uint64_t tm2) {
        return rig.call("AMT_TimeSynchronizationService", "SetHighAccuracyTimeSynch",
                        {text("Ta0", std::to_string(ta0)), text("Tm1", std::to_string(tm1)),
                         text("Tm2", std::to_string(tm2))});
    };
    const auto start = read();
    rig.wait(90s);
    CHECK(read() == start + 90);
    rig.set("clock_offset_s", -3600);
    CHECK(read() == start + 90 - 3600);
    CHECK(set(read(), start + 90, start + 90) == 0);
    CHECK(read() == start + 90);
    CHECK(rig.state("clock_offset_s").integer(-1) == 0);
    CHECK(said(rig.get("AMT_TimeSynchronizationService"), "TimeSource") == "1");
    CHECK(set(read(), 20, 10) == 36);
    CHECK(rig.call("AMT_TimeSynchronizationService", "SetHighAccuracyTimeSynch") == 36);
}

TEST_CASE("an alarm switches the host on once, and a repeated one moves on") {
    Rig rig;
    rig.set("power", "off");
    const Members made = rig.invoke("AMT_AlarmClockService", "AddAlarm",
                                    alarm("once", "2026-02-02T10:05:00Z", "", "true"));
    const Member* reference = codec::wsman::find(made, "AlarmClock");
    REQUIRE(reference);
    CHECK(said(reference->members, "InstanceID") == "once");
    rig.invoke("AMT_AlarmClockService", "AddAlarm",
               alarm("daily", "2026-02-02T10:10:00Z", "P1DT0H0M", "false"));
    rig.wait(299s);
    CHECK(rig.state("power").text() == "off");
    rig.wait(1s);
    rig.state("power");
    rig.wait(1s);
    CHECK(rig.state("power").text() == "on");
    const Members reason = rig.get("IPS_HostBootReason");
    CHECK(said(reason, "Reason") == "3");
    CHECK(said(reason, "ReasonDetails") == "once");
    CHECK(rig.all("IPS_AlarmClockOccurrence").size() == 1);
    rig.wait(10min);
    CHECK(said(rig.get("IPS_AlarmClockOccurrence"), "StartTime") == "2026-02-03T10:10:00Z");
}

TEST_CASE("alarms: what is malformed, double or too many is a fault") {
    Rig rig;
    const auto refused = [&](Members parameters) {
        Request made =
            rig.request(Operation::invoke, "AMT_AlarmClockService", {}, std::move(parameters));
        made.method = "AddAlarm";
        return rig.refused(made).subcode;
    };
    CHECK(refused({}) == "d:InvalidRepresentation");
    CHECK(refused(alarm("a", "tomorrow", "", "true")) == "d:InvalidRepresentation");
    CHECK(refused(alarm("a", "2025-01-01T00:00:00Z", "", "true")) == "d:InvalidRepresentation");
    CHECK(refused(alarm("a", "9999-01-01T00:00:00Z", "", "true")) == "d:InvalidRepresentation");
    for (int i = 0; i < 5; ++i)
        CHECK(rig.call("AMT_AlarmClockService", "AddAlarm",
                       alarm("a" + std::to_string(i), "2026-03-01T00:00:00Z", "", "true")) == 0);
    CHECK(refused(alarm("a1", "2026-03-01T00:00:00Z", "", "true")) == "d:InvalidRepresentation");
    CHECK(refused(alarm("a9", "2026-03-01T00:00:00Z", "", "true")) == "e:QuotaLimit");
    rig.must(rig.request(Operation::delete_instance, "IPS_AlarmClockOccurrence",
                         {text("InstanceID", "a1")}));
    CHECK(rig.all("IPS_AlarmClockOccurrence").size() == 4);
}

TEST_CASE("redirection is switched in two steps, and closing it ends the sessions") {
    Rig rig;
    const auto change = [&](std::string state) {
        return rig.call("AMT_RedirectionService", "RequestStateChange",
                        {text("RequestedState", std::move(state))});
    };
    CHECK(rig.device.port_open(Port::redirection));
    CHECK(change("32770") == 0);
    CHECK(said(rig.get("AMT_RedirectionService"), "EnabledState") == "32770");
    CHECK(change("17") == 5);
    rig.device.redirection_session(sim::Redirected::sol, true);
    Members body = rig.get("AMT_RedirectionService");
    for (Member& member : body)
        if (member.name == "ListenerEnabled") member.text = "false";
    rig.put("AMT_RedirectionService", body);
    CHECK(!rig.device.port_open(Port::redirection));
    CHECK(!rig.device.port_open(Port::redirection_tls));
    CHECK(rig.state("redirection.sessions").integer() == 0);
}

TEST_CASE("KVM: offline until a session is there, absent where the hardware has none") {
    Rig rig;
    CHECK(said(rig.get("CIM_KVMRedirectionSAP"), "EnabledState") == "6");
    rig.device.redirection_session(sim::Redirected::kvm, true);
    CHECK(said(rig.get("CIM_KVMRedirectionSAP"), "EnabledState") == "2");
    const auto change = [&](std::string state) {
        return rig.call("CIM_KVMRedirectionSAP", "RequestStateChange",
                        {text("RequestedState", std::move(state))});
    };
    CHECK(change("3") == 0);
    CHECK(said(rig.get("CIM_KVMRedirectionSAP"), "EnabledState") == "3");
    CHECK(change("4") == 5);
    CHECK(rig.refused(rig.request(Operation::put, "IPS_KVMRedirectionSettingData", {},
                                  {text("ElementName", "KVM"), text("RFBPassword", "")}))
              .subcode == "d:InvalidRepresentation");
    rig.put("IPS_KVMRedirectionSettingData",
            {text("ElementName", "Intel(r) KVM Redirection Settings"),
             text("RFBPassword", "Abc!1234"), text("SessionTimeout", "7")});
    const Members after = rig.get("IPS_KVMRedirectionSettingData");
    CHECK(said(after, "RFBPassword").empty());
    CHECK(said(after, "SessionTimeout") == "7");
    Rig without("15.0", "[quirks]\nkvm = false");
    CHECK(without.refused(without.request(Operation::get, "CIM_KVMRedirectionSAP")).subcode ==
          "b:DestinationUnreachable");
}

TEST_CASE("the event log: newest first, 21 bytes a record, in pages, and it can be frozen") {
    Rig rig;
    CHECK(said(rig.invoke("AMT_MessageLog", "PositionToFirstRecord"), "IterationIdentifier") ==
          "1");
    const auto read = [&](std::string from, std::string most) {
        return rig.invoke("AMT_MessageLog", "GetRecords",
                          {text("IterationIdentifier", std::move(from)),
                           text("MaxReadRecords", std::move(most))});
    };
    rig.power(10);
    rig.wait(1s);
    const Members all = read("1", "390");
    CHECK(said(all, "NoMoreRecords") == "true");
    std::uint32_t last_time = 0xffffffff;
    std::size_t count = 0;
    for (const Member& member : all) {
        if (member.name != "RecordArray") continue;
        const auto bytes = base64_decode(member.text);
        REQUIRE(bytes.has_value());
        REQUIRE(bytes->size() == 21);
        Reader in(*bytes);
        const std::uint32_t time = in.le32();
        CHECK(time <= last_time);
        last_time = time;
        CHECK(in.u8() == 0xff);
        if (++count == 1) {
            CHECK(in.u8() == 15);  // firmware progress: starting the operating system
            in.skip(7);
            CHECK(in.u8() == 0x40);
            CHECK(in.u8() == 19);
        }
    }
    CHECK(count == 14);
    const Members page = read("1", "5");
    CHECK(said(page, "NoMoreRecords") == "false");
    CHECK(said(page, "IterationIdentifier") == "6");
    CHECK(said(read("99", "5"), "ReturnValue") == "2");
    CHECK(rig.call("AMT_MessageLog", "FreezeLog", {text("Freeze", "true")}) == 0);
    CHECK(rig.call("AMT_MessageLog", "ClearLog") == 2);
    rig.power(10);
    rig.wait(1s);
    CHECK(rig.state("events").integer() == 14);
    CHECK(rig.call("AMT_MessageLog", "FreezeLog", {text("Freeze", "false")}) == 0);
    CHECK(rig.call("AMT_MessageLog", "ClearLog") == 0);
    CHECK(rig.call("AMT_MessageLog", "PositionToFirstRecord") == 2);
    CHECK(said(read("1", "390"), "ReturnValue") == "3");
}

TEST_CASE("16.1 pads a log that was cleared with records of zero bytes, behind the real ones") {
    const auto records = [](Rig& rig) {
        std::vector<std::string> out;
        const Members reply =
            rig.invoke("AMT_MessageLog", "GetRecords",
                       {text("IterationIdentifier", "1"), text("MaxReadRecords", "390")});
        for (const Member& member : reply)
            if (member.name == "RecordArray") out.push_back(member.text);
        return out;
    };
    for (const std::string_view generation : {"15.0", "16.1"}) {
        CAPTURE(generation);
        Rig rig(generation);
        rig.set("power_delay_ms", 0);
        CHECK(records(rig).size() == 12);
        CHECK(rig.call("AMT_MessageLog", "ClearLog") == 0);
        CHECK(records(rig).empty());
        rig.power(10);
        const auto all = records(rig);
        REQUIRE(all.size() == (generation == "16.1" ? 207 : 2));
        CHECK(base64_decode(all[1]).value()[5] == std::byte{37});
        if (all.size() > 2) CHECK(base64_decode(all[2]) == Bytes(21));
        CHECK(rig.state("events").integer() == 2);
    }
}

TEST_CASE("a BIOS that writes nothing into the event log leaves no trace of a start") {
    Rig rig("15.0", "[quirks]\nstart_events = false\npower_delay_ms = 0");
    CHECK(rig.state("events").integer() == 12);
    rig.power(10);
    CHECK(rig.state("events").integer() == 12);
    const Members all =
        rig.invoke("AMT_MessageLog", "GetRecords",
                   {text("IterationIdentifier", "1"), text("MaxReadRecords", "390")});
    for (const Member& member : all)
        if (member.name == "RecordArray")
            CHECK(base64_decode(member.text).value()[5] == std::byte{6});
}

TEST_CASE("the audit log keeps who did what, oldest first") {
    Rig rig;
    rig.caller.account.realms.insert(20);
    const auto read = [&](std::string from) {
        return rig.invoke("AMT_AuditLog", "ReadRecords", {text("StartIndex", std::move(from))});
    };
    CHECK(said(read("1"), "TotalRecordCount") == "0");
    for (int i = 0; i < 12; ++i) {
        rig.power(10);
        rig.wait(1s);
    }
    CHECK(said(read("1"), "RecordsReturned") == "10");
    const Members rest = read("11");
    CHECK(said(rest, "RecordsReturned") == "2");
    const auto record = base64_decode(said(rest, "EventRecords"));
    REQUIRE(record.has_value());
    Reader in(*record);
    CHECK(in.be16() == 17);
    CHECK(in.be16() == 3);
    CHECK(in.u8() == 0);
    CHECK(in.u8() == 5);
    CHECK(as_text(in.bytes(5)) == "admin");
    CHECK(said(read("13"), "ReturnValue") == "35");
    CHECK(said(read("0"), "ReturnValue") == "35");
}
