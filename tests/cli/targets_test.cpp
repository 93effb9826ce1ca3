#include "cli/targets.h"

#include "support/temporary_folder.h"

#include <doctest/doctest.h>

#include <cstdlib>

using namespace oob;

namespace {

Result<std::vector<fleet::Work>> collect(std::vector<std::string> words,
                                         std::vector<std::string> exclude = {},
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
    return cli::collect_work(parsed, inventory);
}

std::vector<std::string> names(const Result<std::vector<fleet::Work>>& list) {
    std::vector<std::string> out;
    for (const auto& work : list.value()) out.push_back(work.target.name);
    return out;
}

}  // namespace

TEST_CASE("ranges are spelt out, exclusions taken away, repetitions dropped") {
    CHECK(names(collect({"pc[08-11]", "pc09", "10.0.0.1-10.0.0.3"}, {"pc10", "10.0.0.2"})) ==
          std::vector<std::string>{"pc08", "pc09", "pc11", "10.0.0.1", "10.0.0.3"});
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
    CHECK(names(collect({"@all"}, {}, {file})) == std::vector<std::string>{"lab07", "pc8"});
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
