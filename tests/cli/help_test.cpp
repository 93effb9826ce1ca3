#include "cli/help.h"

#include "core/text.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace oob;

namespace {

constexpr const char* pipeline = "oob-test get THING - < all.ndjson |\n    jq .data";

cli::Tool tool() {
    cli::Tool out;
    out.name = "oob-test";
    out.summary = "a tool for tests";
    out.examples = {"oob-test get THING pc1", "oob-test status pc1", pipeline};
    cli::Verb get{.name = "get",
                  .summary = "get what there is to be got, however long it takes to say so",
                  .notes = "THING is a word.",
                  .examples = {"oob-test get THING pc1", pipeline},
                  .arguments = {"THING"}};
    cli::Verb all{.name = "get all", .summary = "get all"};
    out.verbs = {get, all};
    return out;
}

std::vector<cli::HelpOption> options() {
    return {
        {.names = "-h", .value = "", .text = "short help", .group = cli::help_group},
        {.names = "--raw", .value = "", .text = "as it comes", .group = cli::own_group},
        {.names = "-u, --user", .value = "NAME", .text = "who you are", .group = "Login"},
        {.names = "--a-very-long-name-for-an-option",
         .value = "VALUE",
         .text = "rare",
         .group = "Login"},
        {.names = "-4", .value = "", .text = "IPv4 only", .group = "Connection"},
    };
}

std::string short_of_get(std::size_t width) {
    return cli::short_help(tool(), tool().verbs.front(), options(), width);
}

std::string long_of_get(std::size_t width) {
    return cli::long_help(tool(), tool().verbs.front(), options(), width);
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    for (const std::string_view line : split(text, '\n'))
        for (const std::string_view word : split(line, ' '))
            if (!word.empty()) out.emplace_back(word);
    return out;
}

}  // namespace

TEST_CASE("short help of a verb has its own options and examples, and the others by name") {
    const std::string help = short_of_get(80);
    CHECK(has(help, "Usage: oob-test get THING [OPTIONS] TARGET ...\n"));
    CHECK(has(help, "Get what there is"));
    CHECK(has(help, "This verb reads.\nTHING is a word. See also get all.\n"));
    CHECK(has(help, "--raw                   as it comes\n"));
    CHECK(has(help, "\nExamples:\n  oob-test get THING pc1\n  oob-test get THING - < all.ndjson"));
    CHECK(has(help, "Also: -u --a-very-long-name-for-an-option (login); -4 (connection)."));
    CHECK_FALSE(has(help, "who you are"));
    CHECK_FALSE(has(help, "short help"));
}

TEST_CASE("long help of a verb has every option with what it does") {
    const std::string help = long_of_get(80);
    for (const cli::HelpOption& option : options()) {
        CAPTURE(option.names);
        CHECK(has(help, "\n  " + option.names));
        CHECK(has(help, option.text));
        CHECK(has(help, "\n" + option.group + ":\n"));
    }
    CHECK(help.find("This verb:") < help.find("Login:"));
    CHECK(help.find("Connection:") < help.find("Help:"));
    CHECK(has(help, "--a-very-long-name-for-an-option VALUE\n" + std::string(26, ' ') + "rare"));
}

TEST_CASE("a verb names those that stand behind the same word") {
    CHECK(has(short_of_get(80), "See also get all."));
}

TEST_CASE("help of a tool shows its best examples, and all of them when all is asked for") {
    CHECK(has(cli::short_help(tool(), 80), "  oob-test status pc1\n"));
    CHECK_FALSE(has(cli::short_help(tool(), 80), "jq"));
    CHECK(
        has(cli::long_help(tool(), 80), "  oob-test get THING - < all.ndjson |\n      jq .data\n"));
    CHECK(has(cli::long_help(tool(), 80), "Targets: a name"));
}

TEST_CASE("help fits the terminal, and no word is lost or cut") {
    for (const std::size_t width : {80U, 72U, 60U, 59U, 40U, 20U}) {
        for (const auto& help : {short_of_get(width), long_of_get(width),
                                 cli::short_help(tool(), width), cli::long_help(tool(), width)}) {
            CAPTURE(width);
            CAPTURE(help);
            const auto examples = help.find("Examples:");
            const std::string before = help.substr(0, examples);
            for (const std::string_view line : split(before, '\n')) {
                const bool one_word = words_of(line).size() <= 2;
                CHECK((line.size() <= width || one_word));
            }
        }
        CHECK(words_of(short_of_get(width)) == words_of(short_of_get(80)));
        CHECK(words_of(long_of_get(width)) == words_of(long_of_get(80)));
        CHECK(words_of(cli::long_help(tool(), width)) == words_of(cli::long_help(tool(), 80)));
    }
}
