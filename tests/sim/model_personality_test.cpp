#include "model_rig.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

using namespace oob;
using namespace oob::sim;

TEST_CASE("every generation that the program carries can be loaded") {
    struct Case {
        std::string_view name;
        std::string_view server;
        std::string_view lowest;
        std::string_view highest;
        bool plain;
    };
    const Case cases[] = {
        {"7.1", "7.1.91", "1.0", "1.1", true},        {"9.1", "9.1.45", "1.0", "1.1", true},
        {"11.8", "11.8.50.3425", "1.0", "1.1", true}, {"12.0", "12.0.67.1579", "1.1", "1.2", true},
        {"15.0", "15.0.23.1706", "1.2", "1.2", true}, {"16.1", "16.1.25.2124", "1.2", "1.2", false},
        {"19.0", "19.0.5.2089", "1.2", "1.3", false},
    };
    CHECK(Personality::builtin_names().size() == std::size(cases));
    for (const Case& one : cases) {
        CAPTURE(one.name);
        const auto made = Personality::builtin(one.name);
        REQUIRE_MESSAGE(made.has_value(), made.error().message);
        const Personality& personality = **made;
        CHECK(personality.server ==
              "Intel(R) Active Management Technology " + std::string(one.server));
        CHECK(personality.tls.lowest == one.lowest);
        CHECK(personality.tls.highest == one.highest);
        CHECK(personality.ports.http == one.plain);
        CHECK(personality.ports.https);
        CHECK(!personality.qop.empty());
    }
}

TEST_CASE("an unknown generation is a configuration error that names those that exist") {
    for (const std::string_view name : {"3.0", "base", ""}) {
        const auto made = Personality::builtin(name);
        REQUIRE(!made.has_value());
        CHECK(made.error().kind == Class::config);
        CHECK(made.error().code == "sim.profile");
        CHECK(made.error().hint.find("15.0") != std::string::npos);
    }
}

TEST_CASE("a profile extends another and overrides single entries") {
    const auto made = Personality::parse(R"(
extends = "15.0"
version = "15.0.45.2411"
[host]
model = "Special"
[quirks]
kvm = false
[class.AMT_GeneralSettings]
realm = 13
[[instance]]
class = "CIM_Sensor"
system = "ManagedSystem"
[instance.members]
DeviceID = "Sensor 2"
CurrentState = "Good"
)",
                                         "special.toml");
    REQUIRE_MESSAGE(made.has_value(), made.error().message);
    CHECK((*made)->server == "Intel(R) Active Management Technology 15.0.45.2411");
    CHECK((*made)->host.model == "Special");
    CHECK((*made)->host.manufacturer == "Example Computers");
    CHECK((*made)->quirk("kvm", 1) == 0);
    CHECK((*made)->tls.lowest == "1.2");
}

TEST_CASE("a mistake in a profile is found with its line") {
    struct Case {
        std::string_view text;
        std::string_view place;
    };
    const Case cases[] = {
        {"version = ", "bad.toml:1"},
        {"\nversion = \"newest\"", "bad.toml:2: version"},
        {"version = 15", "bad.toml:1: version"},
        {"colour = \"red\"", "bad.toml:1: unknown entry colour"},
        {"[tls]\nlowest = \"1.4\"", "bad.toml:2: lowest"},
        {"[tls]\nlowest = \"1.3\"\nhighest = \"1.2\"", "bad.toml:2: lowest"},
        {"control_mode = \"sleepy\"", "bad.toml:1: control_mode"},
        {"[quirks]\nflies = true", "bad.toml:2: unknown quirk flies"},
        {"[quirks]\nkvm = \"maybe\"", "bad.toml:2: a quirk"},
        {"[[instance]]\nclass = \"CIM_Unheard\"", "bad.toml:1: no [class.CIM_Unheard]"},
        {"[[instance]]\nclass = \"CIM_Fan\"\ncolour = 1", "bad.toml:3: unknown entry colour"},
        {"[class.CIM_Fan]\nsince = \"soon\"", "bad.toml:2: since"},
        {"qop = [\"basic\"]", "bad.toml:1: qop"},
        {"[host]\nmemory = [{ bytes = true }]", "bad.toml:2: bytes"},
        {"extends = \"3.0\"", "there is no profile 3.0"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.text);
        const auto made = Personality::parse(one.text, "bad.toml");
        REQUIRE(!made.has_value());
        CHECK(made.error().kind == Class::config);
        CHECK(made.error().code == "sim.profile");
        CHECK_MESSAGE(made.error().message.find(one.place) != std::string::npos,
                      made.error().message);
    }
}

TEST_CASE("a profile can come from a file, and a missing file is an error") {
    const auto path = std::filesystem::temp_directory_path() / "oob-model-profile.toml";
    std::ofstream(path) << "extends = \"9.1\"\n[quirks]\npower_delay_ms = 5\n";
    const auto made = Personality::load(path);
    std::filesystem::remove(path);
    REQUIRE_MESSAGE(made.has_value(), made.error().message);
    CHECK((*made)->version.major == 9);
    CHECK((*made)->quirk("power_delay_ms", 0) == 5);
    const auto missing = Personality::load(path);
    REQUIRE(!missing.has_value());
    CHECK(missing.error().code == "sim.profile");
}

TEST_CASE("versions have one to four numbers") {
    CHECK(parse_version("16.1.25.2124") == Version{16, 1, 25, 2124});
    CHECK(parse_version("8") == Version{8, 0, 0, 0});
    for (const std::string_view text : {"", ".", "1.", "1.2.3.4.5", "x", "1.-2", "999999"})
        CHECK(!parse_version(text).has_value());
}
