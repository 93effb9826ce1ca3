#include "codec/wsman/namespaces.h"
#include "codec/wsman/schema.h"

#include <doctest/doctest.h>

using namespace oob::codec::wsman;
using oob::Value;

namespace {

Value only(std::string_view class_name, Member member, std::string_view method = {}) {
    const std::string name = member.name;
    const Value value = to_value({std::move(member)}, class_name, method);
    REQUIRE(value.members().size() == 1);
    REQUIRE(value.find(name));
    return *value.find(name);
}

}  // namespace

TEST_CASE("texts become what the schema says, and stay text where they do not read so") {
    struct Case {
        const char* class_name;
        const char* name;
        const char* text;
        Value value;
    };
    const Case cases[] = {
        {"CIM_SoftwareIdentity", "VersionString", "8086", "8086"},
        {"CIM_SoftwareIdentity", "IsEntity", "true", true},
        {"AMT_GeneralSettings", "DDNSTTL", "900", std::uint64_t{900}},
        {"AMT_GeneralSettings", "SharedFQDN", "0", false},
        {"AMT_GeneralSettings", "SharedFQDN", "perhaps", "perhaps"},
        {"AMT_GeneralSettings", "DDNSTTL", "0x10", "0x10"},
        {"AMT_GeneralSettings", "DDNSTTL", "-1", "-1"},
        {"AMT_GeneralSettings", "DDNSTTL", "", ""},
        {"AMT_GeneralSettings", "DDNSTTL", "18446744073709551616", "18446744073709551616"},
        {"AMT_GeneralSettings", "HostName", "", ""},
        {"AMT_GeneralSettings", "Undocumented", "1", "1"},
        {"AMT_Undocumented", "Anything", "1", "1"},
        {"AMT_PublicKeyCertificate", "X509Certificate", "MTIz", "MTIz"},
        {"IPS_IPv6PortSettings", "ManualInterfaceID", "00FF", "00FF"},
        {"CIM_PhysicalMemory", "Capacity", "18446744073709551615",
         std::uint64_t{18446744073709551615U}},
        {"CIM_Chassis", "Height", "1.5", 1.5},
    };
    for (const Case& each : cases) {
        CAPTURE(each.name);
        CAPTURE(each.text);
        CHECK(only(each.class_name, text_member(each.name, each.text)) == each.value);
    }
}

TEST_CASE("an array of one is an array, and so is a name that repeats") {
    CHECK(only("AMT_EthernetPortSettings", text_member("LinkPolicy", "14")) ==
          Value(Value::Array{std::uint64_t{14}}));
    CHECK(only("IPS_ScreenSettingData", text_member("UpperLeftX", "-1")) ==
          Value(Value::Array{std::int64_t{-1}}));
    const Value repeated =
        to_value({text_member("New", "a"), text_member("Other", "x"), text_member("New", "b")},
                 "AMT_GeneralSettings");
    CHECK(repeated == Value(Value::Object{{"New", Value::Array{"a", "b"}}, {"Other", "x"}}));
}

TEST_CASE("nil is null, also in an array") {
    Member nothing = text_member("LinkPolicy", "");
    nothing.kind = Member::Kind::null;
    CHECK(only("AMT_EthernetPortSettings", nothing) == Value(Value::Array{nullptr}));
    nothing.name = "MACAddress";
    CHECK(only("AMT_EthernetPortSettings", nothing).is_null());
}

TEST_CASE("datetimes and intervals are their text") {
    CHECK(only("CIM_BIOSElement", datetime_member("ReleaseDate", "2020-08-06T00:00:00Z")) ==
          Value("2020-08-06T00:00:00Z"));
    CHECK(only("IPS_AlarmClockOccurrence", interval_member("Interval", "P1DT0H0M0S")) ==
          Value("P1DT0H0M0S"));
}

TEST_CASE("references tell address, class and selectors") {
    const Member reference = reference_member(
        "UserOfService", "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ComputerSystem",
        {text_member("Name", "ManagedSystem"),
         reference_member("Inner", "urn:x", {text_member("A", "1")})});
    const Value value = only("CIM_AssociatedPowerManagementService", reference);
    CHECK(value.find("address")->text() == ns::anonymous);
    CHECK(value.find("resource_uri")->text() ==
          "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ComputerSystem");
    CHECK(value.find("selectors")->find("Name")->text() == "ManagedSystem");
    CHECK(value.find("selectors")->find("Inner")->find("selectors")->find("A")->text() == "1");
}

TEST_CASE("embedded instances are typed by their own class") {
    Member alarm;
    alarm.name = "Alarm";
    alarm.kind = Member::Kind::object;
    alarm.uri = "http://intel.com/wbem/wscim/1/ips-schema/1/IPS_AlarmClockOccurrence";
    alarm.members = {text_member("InstanceID", "1"), text_member("DeleteOnCompletion", "true")};
    CHECK(only("AMT_GeneralSettings", alarm) ==
          Value(Value::Object{{"InstanceID", "1"}, {"DeleteOnCompletion", true}}));
}

TEST_CASE("a method's output is typed by the method, its ReturnValue is a number") {
    CHECK(only("AMT_AuthorizationService", text_member("Handles", "1"),
               "EnumerateUserAclEntries") == Value(Value::Array{std::uint64_t{1}}));
    CHECK(only("AMT_SetupAndConfigurationService", text_member("ReturnValue", "16"),
               "Unprovision") == Value(std::uint64_t{16}));
    CHECK(only("AMT_SetupAndConfigurationService", text_member("ReturnValue", "16"), "NoMethod") ==
          Value("16"));
}

TEST_CASE("a hundred thousand members are no trouble") {
    Members members;
    for (int i = 0; i < 50'000; ++i) {
        members.push_back(text_member("N" + std::to_string(i), "x"));
        members.push_back(text_member("LinkPolicy", "1"));
    }
    const Value value = to_value(members, "AMT_EthernetPortSettings");
    CHECK(value.members().size() == 50'001);
    CHECK(value.find("LinkPolicy")->items().size() == 50'000);
}
