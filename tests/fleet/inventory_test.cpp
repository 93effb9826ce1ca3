#include "fleet/inventory.h"

#include "support/temporary_folder.h"

#include <doctest/doctest.h>

using namespace oob;

namespace {

constexpr const char* site = R"(
[defaults]
user = "operator"
credential = "exec:pass show amt"

[groups.lab]
hosts = ["pc[01-03].lab.example", "extra"]
credential = "file:/etc/oob/lab.secret"
tls_compat = true

[hosts."pc02.lab.example"]
address = "10.0.0.2"
pin = "SHA256:AA11223344556677889900AABBCCDDEEFF00112233445566778899AABBCCDDEE"
tls_compat = false
)";

fleet::Inventory load(const char* text) {
    const test::TemporaryFolder folder;
    fleet::Inventory inventory;
    const auto added = inventory.add_toml(folder.write("config.toml", text));
    REQUIRE(added);
    return inventory;
}

Target target(const char* text) { return parse_target(text).value(); }

}  // namespace

TEST_CASE("a group is spelt out with its ranges") {
    const auto targets = load(site).expand("@lab");
    REQUIRE(targets);
    REQUIRE(targets->size() == 4);
    CHECK(targets->at(0).text == "amt://pc01.lab.example");
    CHECK(targets->at(3).name == "extra");
}

TEST_CASE("a host's own word beats its group's, and that the defaults'") {
    const auto inventory = load(site);
    const auto two = inventory.settings_of(target("pc02.lab.example"));
    CHECK(two.user == "operator");
    CHECK(two.credential == "file:/etc/oob/lab.secret");
    CHECK(two.address == "10.0.0.2");
    CHECK(two.tls_compat == false);
    CHECK(two.pin == "sha256:aa11223344556677889900aabbccddeeff00112233445566778899aabbccddee");
    CHECK(inventory.settings_of(target("pc03.lab.example")).tls_compat == true);
    CHECK(inventory.settings_of(target("stranger")).credential == "exec:pass show amt");
}

TEST_CASE("what cannot be meant is an error that names the line") {
    struct Row {
        const char* text;
        const char* says;
    };
    for (const Row& row :
         {Row{"[defaults]\nuser = 7\n", "line 2"}, Row{"[defaults]\npasswrd = \"x\"\n", "passwrd"},
          Row{"[defaults\n", "line 1"}, Row{"[hosts.a]\npin = \"abc\"\n", "pin"},
          Row{"[surprise]\n", "surprise"}, Row{"[groups]\nlab = 3\n", "lab"}}) {
        CAPTURE(row.text);
        const test::TemporaryFolder folder;
        fleet::Inventory inventory;
        const auto added = inventory.add_toml(folder.write("config.toml", row.text));
        REQUIRE(!added);
        CHECK(added.error().kind == Class::config);
        CHECK(added.error().message.find(row.says) != std::string::npos);
    }
}

TEST_CASE("a group that nobody defined is a usage error") {
    const auto targets = load(site).expand("@attic");
    REQUIRE(!targets);
    CHECK(targets.error().code == "usage.group");
}

TEST_CASE("a bare name is plain HTTP only where the inventory allows it") {
    const auto inventory = load(R"(
[groups.old]
hosts = ["pc[1-2]"]
allow_plaintext = true
[hosts.pc2]
allow_plaintext = false
)");
    struct Row {
        const char* word;
        const char* text;
    };
    for (const Row& row :
         {Row{"pc1", "amt+tcp://pc1"}, Row{"pc2", "amt://pc2"}, Row{"pc3", "amt://pc3"},
          Row{"amt://pc1", "amt://pc1"}, Row{"@old", "amt+tcp://pc1"}}) {
        CAPTURE(row.word);
        const auto targets = inventory.expand(row.word);
        REQUIRE(targets);
        CHECK(targets->front().text == row.text);
        CHECK(targets->front().name == row.text + std::string(row.text).find("://") + 3);
    }
}
