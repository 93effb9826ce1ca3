#include "core/text.h"
#include "net/deadline.h"
#include "plane/amt/boot_settings.h"
#include "plane/amt/device.h"
#include "plane/opened_device.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace std::chrono_literals;
using net::Task;
using plane::BootDevice;
using plane::BootWatch;
using plane::BootWish;
using plane::PowerAction;
using plane::PowerWatch;

namespace {

namespace wsman = codec::wsman;

constexpr const char* address = test::device_address;
using Opened = test::OpenedDevice;

using Body = std::function<Task<void>(sim::Device&, plane::Device&)>;

void with_device(const std::string& generation, Body body) {
    const auto ran = test::with_fleet(generation, [&](sim::Fleet& fleet) -> Task<void> {
        Opened opened(fleet);
        co_await body(*fleet.device(address), *opened.device);
    });
    if (!ran) FAIL_CHECK(ran.error().message);
    CHECK(ran);
}

const Value& at(const Value& value, std::string_view path) {
    static const Value none;
    const Value* found = &value;
    for (const auto key : split(path, '.')) {
        found = found->find(key);
        if (!found) return none;
    }
    return *found;
}

}  // namespace

TEST_CASE("each device is set, read back, and started from once") {
    struct Case {
        BootWish wish;
        std::string_view started;
    };
    const Case cases[] = {
        {{.device = BootDevice::pxe}, "pxe"},
        {{.device = BootDevice::disk, .medium = 2}, "hard-drive"},
        {{.device = BootDevice::cd, .medium = 1}, "cd"},
        {{.device = BootDevice::bios, .console = true}, "bios-setup"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.started);
        with_device("15.0", [&](sim::Device& sim, plane::Device& device) -> Task<void> {
            BootWatch watch;
            co_await device.boot()->set(one.wish, watch);
            CHECK(watch.sent);
            CHECK(watch.verified);
            CHECK(at(watch.after, "armed").truth());
            PowerWatch power;
            co_await device.power()->apply(PowerAction::reset, 60s, power);
            co_await device.boot()->settle(60s, watch);
            CHECK(at(sim.state(), "booted_from").text() == one.started);
            CHECK(at(sim.state(), "booted_with.boot_media_index").integer(0) == one.wish.medium);
            CHECK(at(sim.state(), "booted_with.use_sol").truth() == one.wish.console);
            CHECK_FALSE(at(watch.after, "armed").truth());
        });
    }
}

TEST_CASE("a redirected drive is started from while its session is open, and its absence is told") {
    for (const bool open : {true, false}) {
        CAPTURE(open);
        with_device("15.0", [&](sim::Device& sim, plane::Device& device) -> Task<void> {
            if (open) sim.redirection_session(sim::Redirected::sol, true);
            BootWatch watch;
            co_await device.boot()->set({.device = BootDevice::ider_cd}, watch);
            PowerWatch power;
            co_await device.power()->apply(PowerAction::reset, 60s, power);
            const auto settled = co_await net::attempt(device.boot()->settle(60s, watch));
            CHECK(settled.has_value() == open);
            if (!settled) CHECK(settled.error().code == "verify.boot");
            CHECK(at(sim.state(), "booted_from").text() == (open ? "ider-cd" : "hard-drive"));
        });
    }
}

TEST_CASE("a device that the machine cannot start from is unsupported, and nothing is sent") {
    with_device("15.0", [](sim::Device& sim, plane::Device& device) -> Task<void> {
        BootWatch watch;
        const auto set =
            co_await net::attempt(device.boot()->set({.device = BootDevice::diag}, watch));
        REQUIRE(!set);
        CHECK(set.error().code == "unsupported.boot_device");
        CHECK_FALSE(watch.sent);
        CHECK(at(sim.state(), "boot.source").is_null());
    });
}

TEST_CASE("what is set can be taken back, and taking back nothing sends nothing") {
    with_device("15.0", [](sim::Device& sim, plane::Device& device) -> Task<void> {
        BootWatch nothing;
        co_await device.boot()->clear(nothing);
        CHECK_FALSE(nothing.sent);
        CHECK(nothing.verified);
        BootWatch set;
        co_await device.boot()->set({.device = BootDevice::bios}, set);
        BootWatch cleared;
        co_await device.boot()->clear(cleared);
        CHECK(cleared.sent);
        CHECK(cleared.verified);
        CHECK_FALSE(at(sim.state(), "boot.bios_setup").truth());
        CHECK_FALSE(at(sim.state(), "boot.next_single_use").truth());
    });
}

TEST_CASE("a role that the firmware accepts and does not take is found out, both ways") {
    const auto deaf = [](sim::FleetOptions& options) {
        options.personalities = {take(
            sim::Personality::parse("extends = \"15.0\"\n[quirks]\nboot_role = false", "test"))};
    };
    const auto body = [](sim::Fleet& fleet) -> Task<void> {
        sim::Device& sim = *fleet.device(address);
        Opened opened(fleet);
        // A start over the network has no option of its own: the role alone tells.
        BootWatch watch;
        const auto set = co_await net::attempt(opened.device->boot()->set({}, watch));
        REQUIRE(!set);
        CHECK(set.error().code == "verify.boot");
        CHECK(set.error().message.find("is not the next one") != std::string::npos);
        CHECK(watch.sent);
        CHECK_FALSE(watch.verified);
        CHECK_FALSE(at(watch.after, "armed").truth());
        take(sim.set("boot.next_single_use", true));
        BootWatch cleared;
        const auto clear = co_await net::attempt(opened.device->boot()->clear(cleared));
        REQUIRE(!clear);
        CHECK(clear.error().code == "verify.boot");
        CHECK(clear.error().message.find("is the next one") != std::string::npos);
        CHECK(cleared.sent);
        CHECK_FALSE(cleared.verified);
    };
    CHECK(test::with_fleet("15.0", body, deaf));
}

TEST_CASE("settings that no start has used are no success, whatever was read back before") {
    with_device("15.0", [](sim::Device& sim, plane::Device& device) -> Task<void> {
        BootWatch watch;
        co_await device.boot()->set({}, watch);
        CHECK(watch.verified);
        const auto settled = co_await net::attempt(device.boot()->settle(0ms, watch));
        REQUIRE(!settled);
        CHECK(settled.error().code == "verify.boot");
        CHECK_FALSE(watch.verified);
        CHECK(at(sim.state(), "boot.next_single_use").truth());
    });
}

TEST_CASE("consent is asked for, its code is shown, and only the right code opens the way") {
    with_device("15.0", [](sim::Device& sim, plane::Device& device) -> Task<void> {
        take(sim.set("control_mode", "client"));
        const auto set = [&](std::optional<std::uint32_t> code) -> Task<std::string> {
            BootWatch watch;
            BootWish wish;
            wish.consent_code = code;
            const auto result = co_await net::attempt(device.boot()->set(wish, watch));
            CHECK(watch.sent == result.has_value());
            co_return result ? "" : result.error().code;
        };
        const std::string first = co_await set(std::nullopt);
        CHECK(first == "consent.required");
        const std::string wrong = co_await set(1);
        CHECK(wrong == "consent.wrong_code");
        const auto code = parse_unsigned(at(sim.state(), "consent.code").text());
        REQUIRE(code);
        const std::string right = co_await set(static_cast<std::uint32_t>(*code));
        CHECK(right.empty());
        CHECK(at(sim.state(), "boot.source").text() == "Intel(r) AMT: Force PXE Boot");
    });
}

TEST_CASE("a host that is off cannot show a consent code") {
    with_device("15.0", [](sim::Device& sim, plane::Device& device) -> Task<void> {
        take(sim.set("control_mode", "client"));
        take(sim.set("power", "off"));
        BootWatch watch;
        const auto set = co_await net::attempt(device.boot()->set({}, watch));
        REQUIRE(!set);
        CHECK(set.error().kind == Class::consent);
        CHECK(set.error().code == "consent.host_off");
    });
}

TEST_CASE("a Put leaves out what the device writes itself and clears every option but the wish") {
    const wsman::Members reported{
        wsman::text_member("BIOSLastStatus", "2"), wsman::text_member("BIOSPause", "true"),
        wsman::text_member("BIOSSetup", "false"),  wsman::text_member("BootMediaIndex", "2"),
        wsman::text_member("ElementName", "name"), wsman::text_member("OptionsCleared", "true"),
        wsman::text_member("UseSOL", "true")};
    const auto put = plane::amt::settings_for(reported, BootWish{.device = BootDevice::bios});
    CHECK_FALSE(wsman::find(put, "BIOSLastStatus"));
    CHECK_FALSE(wsman::find(put, "OptionsCleared"));
    CHECK(wsman::text_of(put, "ElementName") == "name");
    CHECK(wsman::text_of(put, "BIOSPause") == "false");
    CHECK(wsman::text_of(put, "BIOSSetup") == "true");
    CHECK(wsman::text_of(put, "BootMediaIndex") == "0");
    CHECK(wsman::text_of(put, "UseSOL") == "false");
    CHECK(plane::amt::anything_set(reported));
    CHECK_FALSE(plane::amt::anything_set(plane::amt::settings_for(reported, std::nullopt)));
    CHECK(plane::amt::difference(put, put).empty());
    CHECK(plane::amt::difference(put, reported).starts_with("BIOSPause"));
}

TEST_CASE("a start over https is put as a block of parameters, and needs TLS") {
    const wsman::Members reported{wsman::text_member("ForcedProgressEvents", "false"),
                                  wsman::text_member("UefiBootNumberOfParams", "7")};
    const BootWish wish{.device = BootDevice::https, .url = "https://10.0.0.5/boot.efi"};
    const auto put = plane::amt::settings_for(reported, wish);
    CHECK(wsman::text_of(put, "ForcedProgressEvents") == "true");
    CHECK(wsman::text_of(put, "UefiBootNumberOfParams") == "2");
    // The head of the sample in reference wsman, section 8.3.
    CHECK(wsman::text_of(put, "UefiBootParametersArray") ==
          "hoABABkAAABodHRwczovLzEwLjAuMC41L2Jvb3QuZWZphoAUAAEAAAAB");
    with_device("15.0", [&](sim::Device&, plane::Device& device) -> Task<void> {
        BootWatch watch;
        const auto set = co_await net::attempt(device.boot()->set(wish, watch));
        REQUIRE(!set);
        CHECK(set.error().code == "boot.needs_tls");
        CHECK_FALSE(watch.sent);
    });
}

TEST_CASE("options are named in lower case, and BIOSLastStatus says what failed") {
    const wsman::Members reported{wsman::text_member("BIOSSetup", "true"),
                                  wsman::text_member("UseIDER", "1"),
                                  wsman::text_member("BootMediaIndex", "2")};
    const Value options = plane::amt::set_options(reported);
    CHECK(at(options, "bios_setup").truth());
    CHECK(at(options, "use_ider").truth());
    CHECK(at(options, "boot_media_index").integer() == 2);
    const auto status = [](const char* word, const char* detail) {
        return plane::amt::last_failure({wsman::text_member("BIOSLastStatus", word),
                                         wsman::text_member("BIOSLastStatus", detail)});
    };
    CHECK(status("0", "0").empty());
    CHECK(status("2", "0").empty());
    CHECK(status("65535", "0") == "the start failed");
    CHECK(status("0", "1") == "drive failure or no medium");
    CHECK(plane::amt::last_failure({}).empty());
}
