#include "model_rig.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::sim;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view settings_class = "AMT_BootSettingData";

/// What clients put: all required members, as they read them, with some changed.
Members settings(Rig& rig, const Members& changes) {
    Members body;
    for (const Member& member : rig.get(settings_class)) {
        const Member* change = codec::wsman::find(changes, member.name);
        body.push_back(change ? *change : member);
    }
    return body;
}

std::uint64_t order(Rig& rig, std::string source) {
    return rig.call(
        "CIM_BootConfigSetting", "ChangeBootOrder",
        {reference("Source", "CIM_BootSourceSetting", "InstanceID", std::move(source))});
}

std::uint64_t role(Rig& rig, std::string number) {
    return rig.call("CIM_BootService", "SetBootConfigRole",
                    {reference("BootConfigSetting", "CIM_BootConfigSetting", "InstanceID",
                               "Intel(r) AMT: Boot Configuration 0"),
                     text("Role", std::move(number))});
}

void reset(Rig& rig) {
    REQUIRE(rig.power(10) == 0);
    rig.wait(1s);
}

std::string is_next(Rig& rig) {
    for (const auto& item : rig.all("CIM_ElementSettingData")) {
        const Member* setting = codec::wsman::find(item.members, "SettingData");
        if (setting && said(setting->members, "InstanceID").find("Boot") != std::string::npos)
            return said(item.members, "IsNext");
    }
    return "(absent)";
}

}  // namespace

TEST_CASE("firmware that does not do what SetBootConfigRole answers leaves the role alone") {
    Rig rig("15.0", "[quirks]\nboot_role = false");
    CHECK(role(rig, "1") == 0);
    CHECK(is_next(rig) == "2");
    rig.set("boot.next_single_use", true);
    CHECK(role(rig, "32768") == 0);
    CHECK(is_next(rig) == "3");
}

TEST_CASE("a boot source holds for the next start and no longer") {
    struct Case {
        std::string_view source;
        std::string_view booted;
        bool os;
    };
    const Case cases[] = {
        {"Intel(r) AMT: Force PXE Boot", "pxe", false},
        {"Intel(r) AMT: Force CD/DVD Boot", "cd", false},
        {"Intel(r) AMT: Force Hard-drive Boot", "hard-drive", true},
        {"Intel(r) AMT: Force OCR UEFI HTTPS Boot", "https", false},
        {"Intel(r) AMT: Force OCR UEFI Boot Option 1", "winre", false},
        {"Intel(r) AMT: Force OCR UEFI Boot Option 2", "pba", false},
    };
    for (const Case& one : cases) {
        CAPTURE(one.source);
        Rig rig;
        CHECK(order(rig, std::string(one.source)) == 0);
        CHECK(role(rig, "1") == 0);
        CHECK(is_next(rig) == "3");
        reset(rig);
        CHECK(rig.state("booted_from").text() == one.booted);
        CHECK(rig.state("os").text() == (one.os ? "running" : "none"));
        CHECK(is_next(rig) == "2");
        CHECK(rig.state("boot.source").is_null());
        reset(rig);
        CHECK(rig.state("booted_from").text() == "hard-drive");
        CHECK(rig.state("os").text() == "running");
    }
}

TEST_CASE("without the role nothing is used") {
    Rig rig;
    CHECK(order(rig, "Intel(r) AMT: Force PXE Boot") == 0);
    reset(rig);
    CHECK(rig.state("booted_from").text() == "hard-drive");
    CHECK(role(rig, "32768") == 0);
    CHECK(role(rig, "0") == 5);
    CHECK(role(rig, "2") == 5);
}

TEST_CASE("boot options are used up by the start that they were for") {
    Rig rig;
    const Reply reply =
        rig.put(settings_class, settings(rig, {text("BIOSSetup", "true"), text("UseSOL", "true")}));
    REQUIRE(reply.body.has_value());
    CHECK(said(reply.body->members, "BIOSSetup") == "true");
    CHECK(said(reply.body->members, "OptionsCleared") == "false");
    CHECK(role(rig, "1") == 0);
    reset(rig);
    CHECK(rig.state("booted_from").text() == "bios-setup");
    CHECK(rig.state("booted_with.use_sol") == Value(true));
    const Members after = rig.get(settings_class);
    CHECK(said(after, "BIOSSetup") == "false");
    CHECK(said(after, "UseSOL") == "false");
    CHECK(said(after, "OptionsCleared") == "true");
    CHECK(said(after, "BIOSLastStatus") == "0");
}

TEST_CASE("redirected media need a session that offers them") {
    for (const bool session : {true, false}) {
        CAPTURE(session);
        Rig rig;
        rig.put(settings_class,
                settings(rig, {text("UseIDER", "true"), text("IDERBootDevice", "1")}));
        role(rig, "1");
        if (session) rig.device.redirection_session(sim::Redirected::ider, true);
        reset(rig);
        CHECK(rig.state("booted_from").text() == (session ? "ider-cd" : "hard-drive"));
    }
}

TEST_CASE("a source and redirected media exclude each other, whichever comes first") {
    Rig first;
    CHECK(order(first, "Intel(r) AMT: Force PXE Boot") == 0);
    const Fault fault = first.refused(first.request(Operation::put, settings_class, {},
                                                    settings(first, {text("UseIDER", "true")})));
    CHECK(fault.subcode == "d:InvalidRepresentation");
    Rig second;
    second.put(settings_class, settings(second, {text("UseIDER", "true")}));
    CHECK(order(second, "Intel(r) AMT: Force PXE Boot") == 5);
    Rig third;
    third.put(settings_class, settings(third, {text("UseSOL", "true")}));
    CHECK(order(third, "Intel(r) AMT: Force PXE Boot") == 0);
    Rig fourth;
    fourth.put(settings_class, settings(fourth, {text("BootMediaIndex", "1")}));
    CHECK(order(fourth, "Intel(r) AMT: Force PXE Boot") == 5);
    CHECK(order(fourth, "Intel(r) AMT: Force Hard-drive Boot") == 0);
}

TEST_CASE("a source that does not exist is an invalid reference, none at all clears it") {
    Rig rig;
    CHECK(order(rig, "Intel(r) AMT: Force Tape Boot") == 4);
    CHECK(order(rig, "Intel(r) AMT: Force PXE Boot") == 0);
    CHECK(rig.call("CIM_BootConfigSetting", "ChangeBootOrder") == 0);
    CHECK(rig.state("boot.source").is_null());
}

TEST_CASE("a Put without a required member is refused, with read-only ones it is not") {
    Rig rig;
    Members body = settings(rig, {text("BIOSLastStatus", "9"), text("OptionsCleared", "true")});
    rig.put(settings_class, body);
    CHECK(said(rig.get(settings_class), "BIOSLastStatus") == "2");
    std::erase_if(body, [](const Member& member) { return member.name == "UseSOL"; });
    const Fault fault = rig.refused(rig.request(Operation::put, settings_class, {}, body));
    CHECK(fault.subcode == "d:InvalidRepresentation");
    CHECK(fault.detail.find("MissingValues") != std::string::npos);
    Rig tolerant("16.1");
    tolerant.put(settings_class,
                 {text("ElementName", "Intel(r) AMT Boot Configuration Settings"),
                  text("InstanceID", "Intel(r) AMT:BootSettingData 0"), text("UseSOL", "true")});
    CHECK(said(tolerant.get(settings_class), "UseSOL") == "true");
}

TEST_CASE("a generation does not require a member that it does not have itself") {
    Rig old("7.1");
    const Members body = settings(old, {text("UseSOL", "true")});
    REQUIRE(codec::wsman::find(body, "SecureErase") == nullptr);
    old.put(settings_class, body);
    CHECK(said(old.get(settings_class), "UseSOL") == "true");
}

TEST_CASE("in client mode boot options, order and role need consent") {
    Rig rig("15.0", "control_mode = \"client\"");
    const auto put =
        rig.request(Operation::put, settings_class, {}, settings(rig, {text("BIOSSetup", "true")}));
    CHECK(rig.refused(put).subcode == "e:AccessDenied");
    Request change = rig.request(Operation::invoke, "CIM_BootConfigSetting", {},
                                 {reference("Source", "CIM_BootSourceSetting", "InstanceID",
                                            "Intel(r) AMT: Force PXE Boot")});
    change.method = "ChangeBootOrder";
    CHECK(rig.refused(change).subcode == "e:AccessDenied");
    CHECK(rig.call("CIM_BootConfigSetting", "ChangeBootOrder") == 0);
    CHECK(role(rig, "32768") == 0);
    CHECK(rig.power(10) == 0);
    rig.wait(1s);

    rig.set("consent.state", "received");
    rig.must(put);
    rig.put(settings_class, settings(rig, {text("BIOSSetup", "false")}));
    rig.must(change);
    CHECK(role(rig, "1") == 0);
    CHECK(said(rig.get(settings_class), "EnforceSecureBoot") == "true");
    reset(rig);
    CHECK(rig.state("booted_from").text() == "pxe");
}

TEST_CASE("the firmware may answer missing consent with a value instead of a fault") {
    Rig rig("15.0", "control_mode = \"client\"\n[quirks]\nconsent_fault = false");
    CHECK(order(rig, "Intel(r) AMT: Force PXE Boot") == 6);
    CHECK(role(rig, "1") == 6);
}

TEST_CASE("recovery boots need the service to be on, and parameters need TLS") {
    Rig rig;
    const auto service = [&](std::string state) {
        return rig.call("CIM_BootService", "RequestStateChange",
                        {text("RequestedState", std::move(state))});
    };
    CHECK(service("32768") == 0);
    CHECK(order(rig, "Intel(r) AMT: Force OCR UEFI HTTPS Boot") == 5);
    CHECK(service("32769") == 0);
    CHECK(order(rig, "Intel(r) AMT: Force OCR UEFI HTTPS Boot") == 0);
    CHECK(service("32770") == 1);
    CHECK(service("5") == 5);
    Members body = settings(rig, {});
    body.push_back(text("UefiBootParametersArray", "hoABAAQAAABEAAAA"));
    rig.must(rig.request(Operation::put, settings_class, {}, body));
    rig.caller.tls = false;
    CHECK(rig.refused(rig.request(Operation::put, settings_class, {}, body)).subcode ==
          "e:AccessDenied");
    Rig old("12.0");
    CHECK(old.call("CIM_BootService", "RequestStateChange", {text("RequestedState", "32769")}) ==
          1);
}

TEST_CASE("every boot option is an entry of the state, and can be set there") {
    Rig rig;
    rig.set("boot.use_sol", true);
    rig.set("boot.firmware_verbosity", 2);
    CHECK(said(rig.get(settings_class), "UseSOL") == "true");
    CHECK(said(rig.get(settings_class), "FirmwareVerbosity") == "2");
    const auto wrong = rig.device.set("boot.use_sol", Value("yes"));
    REQUIRE(!wrong.has_value());
    CHECK(wrong.error().code == "sim.value");
    const auto unknown = rig.device.set("boot.use_tape", Value(true));
    REQUIRE(!unknown.has_value());
    CHECK(unknown.error().code == "sim.key");
    CHECK(unknown.error().hint.find("boot.use_sol") != std::string::npos);
}
