#include "codec/wsman/schema.h"

#include "codec/wsman/schema_parser.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace oob::codec::wsman;

namespace oob::embedded {

std::string_view schema_mof();

}  // namespace oob::embedded

namespace {

const ClassSchema& schema_of(std::string_view name) {
    const ClassSchema* schema = find_class(name);
    REQUIRE_MESSAGE(schema, std::string(name));
    return *schema;
}

std::vector<std::string> keys_of(std::string_view name) {
    std::vector<std::string> keys;
    for (const Property& property : schema_of(name).properties)
        if (property.key) keys.push_back(property.name);
    std::ranges::sort(keys);
    return keys;
}

}  // namespace

TEST_CASE("the catalogue reads without an error and is sorted") {
    const auto catalogue = parse_schema(oob::embedded::schema_mof());
    REQUIRE_MESSAGE(catalogue.has_value(), catalogue.error().message);
    CHECK(catalogue->classes.size() > 250);
    CHECK(std::ranges::is_sorted(catalogue->classes, {}, &ClassSchema::name));
    CHECK(class_names().size() == catalogue->classes.size());
    for (const std::string_view name : class_names()) {
        CAPTURE(name);
        const ClassSchema& schema = schema_of(name);
        CHECK((schema.superclass.empty() || find_class(schema.superclass)));
        for (const Method& method : schema.methods)
            CHECK(method.output.back().name == "ReturnValue");
    }
    CHECK(find_class("AMT_Nothing") == nullptr);
    CHECK(find_class("") == nullptr);
}

TEST_CASE("keys are those of the catalogue, inherited ones too") {
    using Names = std::vector<std::string>;
    CHECK(keys_of("AMT_GeneralSettings") == Names{"InstanceID"});
    CHECK(keys_of("AMT_RedirectionService") ==
          Names{"CreationClassName", "Name", "SystemCreationClassName", "SystemName"});
    CHECK(keys_of("CIM_ComputerSystem") == Names{"CreationClassName", "Name"});
    CHECK(keys_of("CIM_AssociatedPowerManagementService") ==
          Names{"ServiceProvided", "UserOfService"});
    CHECK(keys_of("AMT_TLSCredentialContext") ==
          Names{"ElementInContext", "ElementProvidingContext"});
    CHECK(keys_of("CIM_PhysicalMemory") == Names{"CreationClassName", "Tag"});
    CHECK(keys_of("AMT_RemoteAccessPolicyRule") ==
          Names{"CreationClassName", "PolicyRuleName", "SystemCreationClassName", "SystemName"});
    CHECK(keys_of("AMT_TLSProtocolEndpointCollection") == Names{"ElementName"});
}

TEST_CASE("properties have their types") {
    struct Case {
        const char* class_name;
        const char* property;
        Type type;
        bool array;
        bool required;
    };
    const Case cases[] = {
        {"AMT_GeneralSettings", "DDNSTTL", Type::uint32, false, false},
        {"AMT_GeneralSettings", "SharedFQDN", Type::boolean, false, false},
        {"AMT_BootSettingData", "BIOSLastStatus", Type::uint16, true, false},
        {"AMT_BootSettingData", "UseSOL", Type::boolean, false, true},
        {"AMT_BootSettingData", "UefiBootParametersArray", Type::base64, false, false},
        {"AMT_EthernetPortSettings", "LinkPolicy", Type::uint8, true, false},
        {"IPS_ScreenSettingData", "UpperLeftX", Type::sint32, true, false},
        {"IPS_IPv6PortSettings", "ManualInterfaceID", Type::hex_binary, false, false},
        {"CIM_BIOSElement", "ReleaseDate", Type::datetime, false, false},
        {"CIM_PhysicalMemory", "Capacity", Type::uint64, false, false},
        {"CIM_Chassis", "Height", Type::real, false, false},
        {"AMT_8021XProfile", "ClientCertificate", Type::reference, false, false},
        {"CIM_PowerManagementService", "EnabledState", Type::uint16, false, false},
        {"CIM_SoftwareIdentity", "VersionString", Type::string, false, false},
    };
    for (const Case& each : cases) {
        CAPTURE(each.class_name);
        CAPTURE(each.property);
        const Property* property = find_property(schema_of(each.class_name), each.property);
        REQUIRE(property);
        CHECK(property->type == each.type);
        CHECK(property->array == each.array);
        CHECK(property->required == each.required);
    }
}

TEST_CASE("methods have their parameters in order") {
    const Method* add = find_method(schema_of("AMT_AuthorizationService"), "AddUserAclEntryEx");
    REQUIRE(add);
    REQUIRE(add->input.size() == 5);
    CHECK(add->input[0].name == "DigestUsername");
    CHECK(add->input[4].name == "Realms");
    CHECK(add->input[4].array);
    CHECK(add->input[4].required);
    REQUIRE(add->output.size() == 2);
    CHECK(add->output[0].name == "Handle");
    CHECK(add->output[1].name == "ReturnValue");
    const Method* alarm = find_method(schema_of("AMT_AlarmClockService"), "AddAlarm");
    REQUIRE(alarm);
    CHECK(alarm->input[0].type == Type::object);
    CHECK(find_method(schema_of("CIM_KVMRedirectionSAP"), "RequestStateChange"));
    CHECK_FALSE(find_method(schema_of("AMT_GeneralSettings"), "RequestStateChange"));
}

TEST_CASE("class names become resource URIs and come back") {
    CHECK(resource_uri("CIM_Chip") == "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_Chip");
    CHECK(resource_uri("AMT_NotYetKnown") ==
          "http://intel.com/wbem/wscim/1/amt-schema/1/AMT_NotYetKnown");
    CHECK(resource_uri("IPS_OptInService") ==
          "http://intel.com/wbem/wscim/1/ips-schema/1/IPS_OptInService");
    CHECK(resource_uri("http://x/y") == "http://x/y");
    CHECK(class_name("http://x/AMT_Y") == "AMT_Y");
    CHECK(class_name("AMT_Y") == "AMT_Y");
    const auto wrong = resource_uri("amt_GeneralSettings");
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().kind == oob::Class::usage);
    CHECK(wrong.error().code == "usage.class");
    CHECK(wrong.error().hint == "did you mean AMT_GeneralSettings?");
}

TEST_CASE("return values have the names of their method") {
    struct Case {
        const char* class_name;
        const char* method;
        std::uint32_t value;
        const char* name;
    };
    const Case cases[] = {
        {"AMT_AuthorizationService", "AddUserAclEntryEx", 0, "SUCCESS"},
        {"AMT_AuthorizationService", "AddUserAclEntryEx", 16, "NOT_PERMITTED"},
        {"AMT_AuthorizationService", "AddUserAclEntryEx", 2058, "DUPLICATE"},
        {"AMT_AuthorizationService", "AddUserAclEntryEx", 2071, ""},
        {"CIM_PowerManagementService", "RequestPowerStateChange", 0, "COMPLETED_WITH_NO_ERROR"},
        {"CIM_PowerManagementService", "RequestPowerStateChange", 2,
         "UNKNOWN_OR_UNSPECIFIED_ERROR"},
        {"CIM_PowerManagementService", "RequestPowerStateChange", 4097, "INVALID_STATE_TRANSITION"},
        {"CIM_PowerManagementService", "RequestPowerStateChange", 32768 + 2081,
         "USER_CONSENT_REQUIRED"},
        {"CIM_PowerManagementService", "RequestPowerStateChange", 16, ""},
        {"AMT_RedirectionService", "RequestStateChange", 5, "INVALID_PARAMETER"},
        {"AMT_RedirectionService", "TerminateSession", 36, "INVALID_PARAMETER"},
        {"CIM_BootConfigSetting", "ChangeBootOrder", 6, "ACCESS_DENIED"},
        {"CIM_BootService", "SetBootConfigRole", 4, "INVALID_REFERENCE"},
        {"IPS_OptInService", "SendOptInCode", 3, "BLOCKED"},
        {"IPS_OptInService", "SendOptInCode", 5, ""},
        {"IPS_OptInService", "SendOptInCode", 2066, "UNSUPPORTED"},
        {"IPS_HostBasedSetupService", "Setup", 4, "METHOD_DISABLED"},
        {"IPS_HostBasedSetupService", "AdminSetup", 4, "AUTHENTICATION_FAILED"},
        {"IPS_HTTPProxyService", "AddProxyAccessPoint", 2058, "DUPLICATE"},
        {"AMT_MessageLog", "GetRecords", 2, "INVALID_RECORD"},
        {"AMT_Unknown", "Anything", 36, "INVALID_PARAMETER"},
        {"CIM_Unknown", "Anything", 4099, "BUSY"},
    };
    for (const Case& each : cases) {
        CAPTURE(each.method);
        CAPTURE(each.value);
        CHECK(return_value_name(each.class_name, each.method, each.value) == each.name);
    }
    CHECK(pt_status_name(2082) == "OPERATION_IN_PROGRESS");
    CHECK(pt_status_name(77777) == "");
}

TEST_CASE("a mistake in the schema is told with its line") {
    struct Case {
        const char* text;
        const char* place;
    };
    const Case cases[] = {
        {"clas A {}", "line 1"},
        {"class A {\n\n  number X;\n}", "line 3"},
        {"class A {\n  uint8 X\n}", "line 3"},
        {"class A {}\nclass A {}", "A is declared twice"},
        {"class A : B {}", "A has an unknown superclass"},
        {"class A : B {}\nclass B : C {}\nclass C : A {}", "A is among its own superclasses"},
        {"class A {\n  method M() returns none;\n}", "line 2"},
        {"class A {", "the text ends too early"},
        {"values v { x NAME, }", "a number is wanted"},
        {"class A {\n method M(uint8 X", "the text ends too early"},
    };
    for (const Case& each : cases) {
        CAPTURE(std::string(each.text));
        const auto catalogue = parse_schema(each.text);
        REQUIRE_FALSE(catalogue);
        CAPTURE(catalogue.error().message);
        CHECK(catalogue.error().code == "internal.schema");
        CHECK(catalogue.error().message.find(each.place) != std::string::npos);
    }
}

TEST_CASE("a class may stand above its superclass and replace what it inherits") {
    const auto catalogue = parse_schema(
        "class B : A { required uint8 X; uint8 Y; method M(uint8 P); }\n"
        "class A { key string K; string X; method M(); method N() -> (uint8 O); }");
    REQUIRE(catalogue);
    REQUIRE(catalogue->classes.size() == 2);
    const ClassSchema& b = catalogue->classes[1];
    REQUIRE(b.properties.size() == 3);
    CHECK(b.properties[0].name == "K");
    CHECK(b.properties[1].name == "X");
    CHECK(b.properties[1].type == Type::uint8);
    CHECK(b.properties[1].required);
    CHECK(b.properties[2].name == "Y");
    REQUIRE(b.methods.size() == 2);
    CHECK(b.methods[0].input.size() == 1);
}
