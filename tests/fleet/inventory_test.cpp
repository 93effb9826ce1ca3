#include "fleet/inventory.h"

#include "core/user_folders.h"
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
        int line;
    };
    for (const Row& row :
         {Row{"[defaults]\nuser = 7\n", "text", 2},
          Row{"[defaults]\npasswrd = \"x\"\n", "passwrd", 2},
          Row{"[defaults]\npassword = \"x\"\n", "no password stands in a configuration", 2},
          Row{"[defaults]\ncredential = \"hunter2\"\n", "no credential reference", 2},
          Row{"[defaults]\ncredential = { read = \"exec:x\" }\n", "tables of credentials", 2},
          Row{"[defaults]\ntimeout = 30\n", "duration in quotes", 2},
          Row{"[defaults]\ntimeout = \"30\"\n", "duration in quotes", 2},
          Row{"[defaults]\nconnect_timeout = \"0s\"\n", "duration in quotes", 2},
          Row{"[defaults]\nfanout = 0\n", "from 1 to", 2},
          Row{"[defaults]\nfanout = \"8\"\n", "from 1 to", 2},
          Row{"[defaults]\ntls_tofu = 1\n", "true or false", 2},
          Row{"[defaults]\nprofile = {}\n", "unknown table 'profile'", 2},
          Row{"[hosts.a]\nfanout = 8\n", "stands in [defaults]", 2},
          Row{"[hosts.a]\noutput = \"json\"\n", "stands in [defaults]", 2},
          Row{"[hosts.a]\nplanes = [\"amt\"]\n", "this version does not know planes", 2},
          Row{"[hosts.a]\ntls_cert = \"x.pem\"\n", "this version does not know tls_cert", 2},
          Row{"[host.a]\nuser = \"x\"\n", "unknown table 'host'", 1},
          Row{"[defaults]\nuser = \"\"\n", "empty", 2},
          Row{"[defaults]\naddress = \"10.0.0.7\"\n", "one host", 2},
          Row{"[defaults]\nhosts = [\"pc1\"]\n", "unknown key 'hosts'", 2},
          Row{"[defaults]\n\nvia = \"nowhere\"\n", "no way", 3},
          Row{"[defaults]\ntls_compat = \"yes\"\n", "true or false", 2},
          Row{"[defaults\n", "", 1},
          Row{"user = \"me\"\n", "unknown key", 1},
          Row{"\n[surprise]\n", "surprise", 2},
          Row{"[groups]\nlab = 3\n", "lab", 2},
          Row{"[groups.lab]\nuser = \"me\"\n", "no hosts", 1},
          Row{"[groups.lab]\nhosts = []\n", "no hosts", 2},
          Row{"[groups.lab]\nhosts = \"pc1\"\n", "list", 2},
          Row{"[groups.lab]\nhosts = [\n1,\n\"pc4\"]\n", "texts", 3},
          Row{"[groups.lab]\nhosts = [\"pc1\",\n\"\"]\n", "no host", 3},
          Row{"[groups.lab]\nhosts = [\"pc1,pc2\"]\n", "commas", 2},
          Row{"[groups.lab]\nhosts = [\"10.0.0.010\"]\n", "leading zero", 2},
          Row{"[groups.lab]\nhosts = [\"10.0.0.[1-300]\"]\n", "255", 2},
          Row{"[groups.lab]\nhosts = [\"10.0.0.5-50\"]\n", "range", 2},
          Row{"[groups.lab]\nhosts = [\"10.0.0.0/8\"]\n", "million", 2},
          Row{"[groups.lab]\nhosts = [\"@attic\"]\n", "@attic", 2},
          Row{"[groups.lab]\nhosts = [\"ftp://pc1\"]\n", "ftp", 2},
          Row{"[groups.lab]\nhosts = [\"pc1\"]\nuuid = \"x\"\n", "one host", 3},
          Row{"[groups.lab]\nhosts = [\"pc1\"]\n[groups.LAB]\nhosts = [\"pc2\"]\n", "another table",
              3},
          Row{"[hosts]\npc1 = \"10.0.0.7\"\n", "wants a table", 2},
          Row{"[hosts.a]\npin = \"abc\"\n", "pin", 2},
          Row{"[hosts.a]\n\nuuid = \"abc\"\n", "uuid", 3},
          Row{"[hosts.a]\nuuid = \"ffffffff-ffff-ffff-ffff-ffffffffffff\"\n", "identity", 2},
          Row{"[hosts.a]\naddress = \"10.0.0.010\"\n", "leading zero", 2},
          Row{"[hosts.a]\naddress = \"10.0.0.7:16993\"\n", "address", 2},
          Row{"[hosts.a]\naddress = \"\"\n", "empty", 2},
          Row{"[hosts.a]\naddress = \"10.0.0.0/24\"\n", "slash", 2},
          Row{"[hosts.a]\nvia = \"ssh:\"\n", "no way", 2},
          Row{"[hosts.a]\nvia = \"socks5:127.1:1080\"\n", "2 parts", 2},
          Row{"[hosts.PC1]\nuser = \"me\"\n[hosts.pc1]\nuser = \"you\"\n", "another table", 3},
          Row{"[hosts.\"pc1.lab\"]\nuser = \"a\"\n[hosts.\"pc1.lab.\"]\n", "another table", 3},
          Row{"[hosts.pc07.lab.example]\naddress = \"10.0.0.7\"\n", "quotes", 1},
          Row{"[hosts.\"pc[01-40]\"]\nuser = \"me\"\n", "no host", 1},
          Row{"[hosts.\"amt://pc1\"]\nuser = \"me\"\n", "no host", 1},
          Row{"[hosts.\"10.0.0.07\"]\nuser = \"me\"\n", "leading zero", 1}}) {
        CAPTURE(row.text);
        const test::TemporaryFolder folder;
        const auto file = folder.write("config.toml", row.text);
        fleet::Inventory inventory;
        const auto added = inventory.add_toml(file);
        REQUIRE(!added);
        CHECK(added.error().kind == Class::config);
        CHECK(added.error().code == "config.toml");
        CAPTURE(added.error().message);
        CHECK(added.error().message.contains(row.says));
        CHECK(added.error().message.starts_with(file.string() + ", line " +
                                                std::to_string(row.line) + ": "));
    }
}

TEST_CASE("a slip gets the key that was most likely meant") {
    struct Row {
        const char* text;
        const char* hint;
    };
    for (const Row& row : {Row{"[defaults]\ncredentials = \"ask\"\n", "did you mean credential?"},
                           Row{"[hosts.a]\nadress = \"10.0.0.7\"\n", "did you mean address?"},
                           Row{"[groups.a]\nhosst = [\"a\"]\n", "did you mean hosts?"},
                           Row{"[defaults]\nnonsense = 1\n", "known are user, credential, timeout"},
                           Row{"[defaults]\npassword = \"x\"\n", "credential = \"file:PATH\""},
                           Row{"user = \"me\"\n", "it stands below [defaults]"},
                           Row{"[group.a]\nhosts = [\"a\"]\n", "did you mean groups?"}}) {
        CAPTURE(row.text);
        const test::TemporaryFolder folder;
        fleet::Inventory inventory;
        const auto added = inventory.add_toml(folder.write("config.toml", row.text));
        REQUIRE(!added);
        CHECK(added.error().hint.contains(row.hint));
        CHECK_FALSE(added.error().message.contains("\"x\""));
    }
}

TEST_CASE("limits and trust are a host's own, its group's, or everybody's") {
    const auto inventory = load(R"(
[defaults]
timeout = "1m"
connect_timeout = "5s"
fanout = 8
output = "json"
via = "ssh:gate"
tls_ca = "~/lab.pem"
[groups.slow]
hosts = ["pc[1-2]"]
timeout = "5m"
tls_tofu = true
[hosts.pc2]
timeout = "7d"
tls_tofu = false
via = "socks5:proxy:1080"
[hosts.pc2.profile]
name = "left alone"
)");
    using namespace std::chrono_literals;
    CHECK(inventory.defaults().fanout == 8);
    CHECK(inventory.defaults().output == "json");
    CHECK(inventory.settings_of(target("pc9")).timeout == 1min);
    CHECK_FALSE(inventory.settings_of(target("pc9")).tls_tofu);
    CHECK(inventory.settings_of(target("pc1")).timeout == 5min);
    CHECK(inventory.settings_of(target("pc1")).connect_timeout == 5s);
    CHECK(inventory.settings_of(target("pc1")).tls_tofu == true);
    CHECK(inventory.settings_of(target("pc1")).via == "ssh:gate");
    CHECK(inventory.settings_of(target("pc2")).timeout == 7 * 24h);
    CHECK(inventory.settings_of(target("pc2")).tls_tofu == false);
    CHECK(inventory.settings_of(target("pc2")).via == "socks5:proxy:1080");
    CHECK(inventory.settings_of(target("pc1")).tls_ca == (home_folder().value() / "lab.pem"));
}

TEST_CASE("what this version cannot do yet is no mistake of the file") {
    CHECK(load("[hosts.a]\nvia = \"cira:mps\"\n").settings_of(target("a")).via == "cira:mps");
}

TEST_CASE("hosts and groups are found however they are written") {
    const auto inventory = load(R"(
[groups.Lab]
hosts = ["PC[01-02].Lab.Example", "amt+tcp://me@old:20000", "[2001:DB8::7]"]
user = "lab"
[hosts."PC01.lab.example."]
address = "10.0.0.1"
[hosts."::ffff:10.0.0.9"]
user = "nine"
)");
    CHECK(inventory.expand("@LAB").value().size() == 4);
    CHECK(inventory.settings_of(target("pc01.LAB.example")).address == "10.0.0.1");
    for (const char* text :
         {"pc01.lab.example", "amt://PC02.lab.example.", "old", "amt://[2001:db8:0::7]:20000"}) {
        CAPTURE(text);
        CHECK(inventory.settings_of(target(text)).user == "lab");
    }
    CHECK(inventory.settings_of(target("10.0.0.9")).user == "nine");
    CHECK_FALSE(inventory.settings_of(target("pc03.lab.example")).user);
}

TEST_CASE("a name that a record told finds settings, but never another machine") {
    const auto inventory = load(R"(
[hosts.pc1]
uuid = "8a1c0000-0000-4000-8000-000000000001"
[hosts.lab07]
address = "10.0.0.7"
user = "lab"
)");
    Target told = target("10.0.0.9");
    told.name = "Lab07";
    CHECK(inventory.settings_of(told).user == "lab");
    CHECK_FALSE(inventory.settings_of(told).address);
    told = target("pc1");
    told.name = "Front desk";
    CHECK(inventory.settings_of(told).uuid == "8a1c0000-0000-4000-8000-000000000001");
}

TEST_CASE("a group that nobody defined is a usage error") {
    const auto targets = load(site).expand("@attic");
    REQUIRE(!targets);
    CHECK(targets.error().code == "usage.group");
    CHECK(load(site).expand("@labb").error().hint.contains("@lab?"));
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
