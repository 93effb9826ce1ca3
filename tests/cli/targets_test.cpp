#include "cli/targets.h"

#include "support/temporary_folder.h"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace oob;

namespace {

Result<cli::Gathered> collect(std::vector<std::string> words, std::vector<std::string> exclude = {},
                              std::vector<std::filesystem::path> inventories = {}) {
    // No configuration of the machine that runs the test.
    ::setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    static const cli::Verb verb{.name = "status"};
    cli::Parsed parsed;
    parsed.verb = &verb;
    parsed.targets = std::move(words);
    parsed.options.exclude = std::move(exclude);
    parsed.options.inventories = std::move(inventories);
    fleet::Inventory inventory;
    if (auto loaded = cli::load_configuration(parsed.options, inventory); !loaded)
        return std::unexpected(loaded.error());
    return cli::collect_work(parsed, inventory);
}

using Words = std::vector<std::string>;

Words names(const Result<cli::Gathered>& gathered) {
    Words out;
    for (const auto& work : gathered.value().list) out.push_back(work.target.name);
    return out;
}

constexpr const char* id_of_lab07 = "amt:8a1c0000-0000-4000-8000-000000000007";
constexpr const char* site = R"(
[groups.Lab]
hosts = ["PC[07-08].lab.example"]
[hosts."pc07.lab.example"]
address = "10.0.0.7"
uuid = "8A1C0000-0000-4000-8000-000000000007"
)";

}  // namespace

TEST_CASE("ranges are spelt out, exclusions taken away, repetitions dropped") {
    CHECK(names(collect({"pc[08-11]", "pc09", "10.0.0.1-10.0.0.3"}, {"pc10", "10.0.0.2"})) ==
          Words{"pc08", "pc09", "pc11", "10.0.0.1", "10.0.0.3"});
    CHECK(names(collect({"pc1", "PC1", "amt://pc1.", "amt://Pc1:16993", "amt+tcp://pc1",
                         "::ffff:10.0.0.1", "10.0.0.1"})) ==
          Words{"pc1", "pc1", "::ffff:10.0.0.1"});
}

TEST_CASE("an exclusion finds its machine by everything that is known of it, never by a look-up") {
    const test::TemporaryFolder folder;
    const auto inventory = folder.write("site.toml", site);
    const std::string record =
        std::string(R"({"target":"amt://10.0.0.9","ok":true,"device":{"name":"Front-Desk",)") +
        R"("address":"10.9.0.9","id":"amt:8a1c0000-0000-4000-8000-000000000009"}})";
    const auto list = folder.write("lab.ndjson", record + "\n");
    struct Row {
        const char* target;
        const char* exclusion;
        bool effect;
    };
    for (const Row& row :
         {Row{"pc1", "PC1", true},
          Row{"pc1.lab.example", "PC1.Lab.Example.", true},
          Row{"pc1", "amt://me@pc1", true},
          Row{"amt+tcp://pc1", "amt://pc1", true},
          Row{"amt://me@pc1:20000", "pc1", true},
          Row{"amt://gate:20001", "amt://gate:20001", true},
          Row{"amt://gate:20002", "amt://gate:20001", false},
          Row{"pc05", "pc[01-10]", true},
          Row{"10.0.0.5", "10.0.0.0/24", true},
          Row{"10.0.0.5", "10.0.0.4-10.0.0.6", true},
          Row{"10.0.0.5", "::ffff:10.0.0.5", true},
          Row{"2001:db8::5", "[2001:DB8:0::5]", true},
          Row{"[fe80::5%25eth0]", "fe80::5%eth0", true},
          Row{"pc07.lab.example", "@LAB", true},
          Row{"@lab", "pc07.lab.example", true},
          Row{"pc07.lab.example", "10.0.0.7", true},
          Row{"10.0.0.7", "PC07.lab.example", true},
          Row{"pc07.lab.example", id_of_lab07, true},
          Row{"amt://x?uuid=8a1c0000-0000-4000-8000-000000000007", "pc07.lab.example", true},
          Row{"amt://x?uuid=8a1c0000-0000-4000-8000-000000000007", id_of_lab07, true},
          Row{"@all", "front-desk", true},
          Row{"@all", "10.0.0.9", true},
          Row{"@all", "10.9.0.9", true},
          Row{"@all", "AMT:8a1c0000-0000-4000-8000-000000000009", true},
          Row{"pc07.lab.example", "pc07", false},
          Row{"pc1", "pc2", false},
          Row{"localhost", "127.0.0.1", false}}) {
        CAPTURE(row.target);
        CAPTURE(row.exclusion);
        const auto gathered = collect({row.target, "pc3"}, {row.exclusion}, {inventory, list});
        REQUIRE(gathered);
        // The group has a second member.
        const auto whole = collect({row.target, "pc3"}, {}, {inventory, list}).value().list.size();
        CHECK((gathered->list.size() < whole) == row.effect);
        CHECK(gathered->without_effect.empty() == row.effect);
    }
}

TEST_CASE("an exclusion without effect is an error that knows what may have been meant") {
    struct Row {
        const char* exclusion;
        const char* hint;
    };
    for (const Row& row :
         {Row{"pc07", "pc07.lab.example"}, Row{"pc8.lab.exmple", "pc8.lab.example"},
          Row{"amt://PC07", "pc07.lab.example"},
          Row{"server.lab.example.com", "no name is looked up"}}) {
        CAPTURE(row.exclusion);
        const auto gathered =
            collect({"pc07.lab.example", "pc8.lab.example"}, {"pc8.lab.example", row.exclusion});
        REQUIRE(gathered);
        REQUIRE(gathered->without_effect.size() == 1);
        const Error& error = gathered->without_effect.front();
        CHECK(error.kind == Class::usage);
        CHECK(error.code == "usage.exclude");
        CHECK(error.message.contains(row.exclusion));
        CHECK(error.hint.contains(row.hint));
    }
    // Two that name the same machine both have an effect, and so has half a range.
    CHECK(collect({"pc1", "pc2"}, {"pc1", "PC1", "pc[1,5]"}).value().without_effect.empty());
}

TEST_CASE("a device id is kept for devices that do not tell theirs beforehand") {
    const test::TemporaryFolder folder;
    const auto inventory = folder.write("site.toml", site);
    const auto gathered = collect({"pc1"}, {"AMT:8A1C0000-0000-4000-8000-000000000001"});
    CHECK(gathered.value().without_effect.empty());
    CHECK(gathered.value().excluded_ids ==
          std::set<std::string>{"amt:8a1c0000-0000-4000-8000-000000000001"});
    // When everybody told who they are, it is known to be in vain.
    CHECK(collect({"amt://x?uuid=8a1c0000-0000-4000-8000-000000000002"},
                  {"amt:8a1c0000-0000-4000-8000-000000000001"})
              .value()
              .without_effect.size() == 1);
    // The inventory knows who is called so.
    CHECK(collect({"pc1"}, {"pc07.lab.example"}, {inventory}).value().excluded_ids ==
          std::set<std::string>{id_of_lab07});
}

TEST_CASE("what is no target is refused wherever it stands") {
    const test::TemporaryFolder folder;
    const fleet::Inventory none;
    for (const char* word : {"127.0.0.010", "amt://0x7f.1", "127.1", "2130706433", "10.0.0.5-50",
                             "10.0.0.*", "10.0.0.010/30", "pc1,pc2", "2001:db8::/64", "pc07#old",
                             "pc1 pc2", "amt://pc1?pin=12", "amt://pc1?uuid=12"}) {
        CAPTURE(word);
        const auto named = collect({word});
        REQUIRE(!named);
        CHECK(named.error().kind == Class::usage);
        const auto excluded = collect({"pc1"}, {word});
        REQUIRE(!excluded);
        CHECK(excluded.error().kind == Class::usage);
        const auto line = cli::work_of_line(word, none, false);
        REQUIRE(!line);
        CHECK(line.error().kind == Class::usage);
        const auto record = cli::work_of_line(
            std::string(R"({"target":")") + word + R"(","ok":true})", none, false);
        REQUIRE(!record);
        CHECK(record.error().kind == Class::usage);
        const auto file = folder.write("list", std::string("pc1\n") + word + "\n");
        const auto listed = collect({"pc1"}, {}, {file});
        REQUIRE(!listed);
        CHECK(listed.error().code == "config.inventory");
        CHECK(listed.error().message.contains("list, line 2"));
    }
}

TEST_CASE("a target's way that makes no sense is found before the first device") {
    for (const char* way : {"nonsense", "ssh:127.1", "socks5:gate", "ssh:me@10.0.0.010:22"}) {
        CAPTURE(way);
        const auto gathered = collect({"pc1", std::string("amt://pc2?via=") + way});
        REQUIRE(!gathered);
        CHECK(gathered.error().code == "usage.via");
    }
    // One that this version lacks is the failure of the device behind it.
    const auto gathered = collect({"pc1", "amt://pc2?via=cira:mps"});
    REQUIRE(gathered);
    CHECK_FALSE(gathered->list.front().error);
    CHECK(gathered->list.back().error.value().code == "unsupported.via");
}

TEST_CASE("lists may have comments behind words") {
    const test::TemporaryFolder folder;
    const auto file = folder.write("list", "# all\npc07 # the old one\r\n\tpc08\t#\n\n");
    CHECK(names(collect({"@all"}, {}, {file})) == Words{"pc07", "pc08"});
}

TEST_CASE("no target at all is a usage error, not success") {
    const auto list = collect({});
    REQUIRE(!list);
    CHECK(list.error().code == "usage.no_target");
}

TEST_CASE("an NDJSON inventory is a group called all") {
    const test::TemporaryFolder folder;
    const auto file = folder.write(
        "lab.ndjson",
        "{\"schema\":\"oob/1\",\"type\":\"result\",\"target\":\"amt://10.0.0.7\",\"ok\":true,"
        "\"device\":{\"name\":\"lab07\"}}\n\npc8\n");
    CHECK(names(collect({"@all"}, {}, {file})) == Words{"lab07", "pc8"});
}

TEST_CASE("records that had failed are passed through unless asked for") {
    const fleet::Inventory inventory;
    const char* line = R"({"target":"amt://pc1","ok":false,"error":{"class":"tls"}})";
    CHECK(cli::work_of_line(line, inventory, false).value().front().passed_through.has_value());
    CHECK_FALSE(
        cli::work_of_line(line, inventory, true).value().front().passed_through.has_value());
}

TEST_CASE("a line that is neither a record nor a target is an error") {
    const fleet::Inventory inventory;
    for (const char* line :
         {"{\"target\":", "{\"schema\":\"oob/1\"}", "amt://admin:secret@pc1", "ftp://pc1"}) {
        CAPTURE(line);
        const auto work = cli::work_of_line(line, inventory, false);
        REQUIRE(!work);
        CHECK(work.error().kind == Class::usage);
        CHECK(work.error().message.find("secret") == std::string::npos);
    }
}
