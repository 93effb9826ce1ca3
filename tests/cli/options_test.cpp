#include "cli/parse.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace std::chrono_literals;

namespace {

bool raw = false;
bool enable = false;
bool brief = false;
std::vector<std::string> selectors;

const cli::Tool& tool() {
    static const cli::Tool made = [] {
        cli::Tool out;
        out.name = "oob-test";
        out.summary = "a tool for tests";
        out.examples = {"oob-test get THING pc1"};
        out.protocols = "none";
        cli::Verb status{.name = "status", .summary = "look", .also = {"stat", "query"}};
        cli::Verb show{.name = "boot show", .summary = "show it"};
        cli::Verb boot{.name = "boot", .effect = fleet::Effect::changes, .arguments = {"DEVICE"}};
        boot.options = {cli::flag_option("--brief", brief, "say less")};
        cli::Verb ctl{
            .name = "ctl get", .also = {"ctl read", "ctl peek"}, .behind = "", .takes = {}};
        cli::Verb connect{.name = "connect", .summary = "open it", .also = {"open", "query"}};
        connect.options = {cli::changing(cli::flag_option("--enable", enable, "switch it on"))};
        cli::Verb get{.name = "get", .summary = "get it", .arguments = {"THING"}, .pairs = true};
        get.options.push_back({.name = "--raw", .help = "raw", .value = "", .flag = &raw});
        get.options.push_back(
            {.name = "--selector", .help = "which", .value = "K=V", .list = &selectors});
        out.verbs = {status, get, show, boot, ctl, connect};
        return out;
    }();
    return made;
}

std::expected<cli::Parsed, cli::Finished> parse(std::vector<const char*> words) {
    words.insert(words.begin(), "oob-test");
    return cli::parse(tool(), static_cast<int>(words.size()), words.data());
}

}  // namespace

TEST_CASE("options may stand anywhere after the verb") {
    const auto parsed =
        parse({"status", "pc1", "-u", "operator", "pc2", "--timeout", "2m", "-F", "8", "-"});
    REQUIRE(parsed);
    CHECK(parsed->options.user == "operator");
    CHECK(parsed->options.limits.timeout == 2min);
    CHECK(parsed->options.limits.fanout == 8);
    CHECK(parsed->targets == std::vector<std::string>{"pc1", "pc2", "-"});
}

TEST_CASE("words are dealt out: arguments, pairs, targets") {
    selectors.clear();
    const auto parsed = parse({"get", "Class", "a=1", "b[]=x=y",
                               "amt://pc1?uuid=00000000-0000-0000-0000-000000000001", "--selector",
                               "Name=X", "--selector", "Other=Y", "pc2"});
    REQUIRE(parsed);
    CHECK(parsed->arguments == std::vector<std::string>{"Class"});
    REQUIRE(parsed->pairs.size() == 2);
    CHECK(parsed->pairs[1] == std::pair<std::string, std::string>{"b[]", "x=y"});
    CHECK(parsed->targets.size() == 2);
    CHECK(selectors == std::vector<std::string>{"Name=X", "Other=Y"});
}

TEST_CASE("what cannot be meant is status 2 with a hint") {
    struct Row {
        std::vector<const char*> words;
        const char* says;
    };
    for (const Row& row :
         {Row{{"stats"}, "did you mean 'status'"}, Row{{"status", "--nonsense"}, "nonsense"},
          Row{{"status", "--timeout", "soon", "pc1"}, "duration"}, Row{{"get"}, "THING is missing"},
          Row{{"status", "-F", "0", "pc1"}, "count"}, Row{{"status", "-o", "xml", "pc1"}, "ndjson"},
          Row{{"status", "-4", "-6", "pc1"}, "-6"},
          Row{{"status", "--journal", "a", "--resume", "b", "pc1"}, "--resume"},
          Row{{"status", "--tls-key", "a", "pc1"}, "--tls-cert"},
          Row{{"status", "--tls-key-password", "ask", "pc1"}, "--tls-cert"}, Row{{}, "Usage"}}) {
        CAPTURE(row.says);
        const auto parsed = parse(row.words);
        REQUIRE(!parsed);
        CHECK(parsed.error().status == 2);
        CHECK(parsed.error().text.find(row.says) != std::string::npos);
    }
}

TEST_CASE("what was most likely meant is told") {
    struct Row {
        std::vector<const char*> words;
        const char* says;
        const char* hint;
    };
    for (const Row& row :
         {Row{{"stat", "pc1"}, "unknown verb 'stat'", "did you mean 'status'?"},
          Row{{"STATUS", "pc1"}, "unknown verb 'STATUS'", "did you mean 'status'?"},
          Row{{"query"}, "unknown verb 'query'", "did you mean 'status' or 'connect'?"},
          Row{{"ctl", "peek"}, "unknown verb 'ctl peek'", "did you mean 'ctl get'?"},
          Row{{"zzz"}, "unknown verb 'zzz'", "see oob-test --help"},
          Row{{"ctl", "zzz"}, "unknown verb 'ctl zzz'", "see oob-test ctl --help"},
          Row{{"pc1", "status"}, "unknown verb 'pc1'", "the verb comes first: oob-test status ..."},
          Row{{"-v", "status", "pc1"}, "'-v' stands in front", "oob-test status -v ..."},
          Row{{"-q", "boot", "show", "pc1"}, "'-q' stands", "oob-test boot show -q ..."},
          Row{{"--credential=hunter2", "status"},
              "'--credential' stands",
              "oob-test status --credential ..."},
          Row{{"-v"}, "'-v' stands", "oob-test VERB -v ...; see oob-test --help"},
          Row{{"status", "-o", "jsn", "pc1"}, "'jsn' is none of", "did you mean json?"},
          Row{{"status", "--progress", "bar", "pc1"}, "'bar' is none of auto, none, ndjson", "see"},
          Row{{"ctl", "get", "--journal", "x"}, "'ctl get' takes no --journal", "see"},
          Row{{"ctl", "get", "-c", "x"}, "'ctl get' takes no -c", "see"},
          Row{{"ctl", "get", "-4"}, "'ctl get' takes no -4", "see"},
          Row{{"ctl", "get", "-7"}, "there is no option -7", "see"},
          Row{{"status", "-X", "pc1"}, "there is no option -X", "see oob-test status --help"}}) {
        CAPTURE(row.says);
        const auto parsed = parse(row.words);
        REQUIRE(!parsed);
        CHECK(parsed.error().status == 2);
        CHECK(parsed.error().text.contains(row.says));
        CHECK(parsed.error().text.contains(row.hint));
        CHECK_FALSE(parsed.error().text.contains("hunter2"));
    }
}

TEST_CASE("help and version go to standard output with status 0") {
    for (const auto& words : std::vector<std::vector<const char*>>{{"--help"},
                                                                   {"-h"},
                                                                   {"--version"},
                                                                   {"status", "--help"},
                                                                   {"get", "-h"},
                                                                   {"status", "--version"}}) {
        const auto parsed = parse(words);
        REQUIRE(!parsed);
        CHECK(parsed.error().status == 0);
        CHECK_FALSE(parsed.error().text.empty());
    }
    CHECK(parse({"get", "--help"})
              .error()
              .text.find("oob-test get THING [KEY=VALUE ...] [OPTIONS] TARGET ...") !=
          std::string::npos);
    CHECK(parse({"get", "--help"}).error().text.find("This verb reads") != std::string::npos);
}

TEST_CASE("-h is for one screen, --help has everything, and help VERB is VERB --help") {
    const auto help = [](const std::vector<const char*>& words) {
        const auto parsed = parse(words);
        REQUIRE(!parsed);
        CHECK(parsed.error().status == 0);
        return parsed.error().text;
    };
    CHECK(help({"get", "-h"}).find("Also: -u -c -i -x") != std::string::npos);
    CHECK(help({"get", "-h"}).find("-u, --user NAME") == std::string::npos);
    CHECK(help({"get", "--help"}).find("-u, --user NAME") != std::string::npos);
    CHECK(help({"get", "--help"}).find("--progress KIND ") != std::string::npos);
    CHECK(help({"boot", "pxe", "--timeout", "5m", "pc1", "-h"}) == help({"boot", "-h"}));
    CHECK(help({"help", "get"}) == help({"get", "--help"}));
    CHECK(help({"help", "boot", "show"}) == help({"boot", "show", "--help"}));
    CHECK(help({"help", "ctl"}) == help({"ctl", "--help"}));
    CHECK(help({"help"}) == help({"--help"}));
    CHECK(help({"--help"}).find("Examples:\n  oob-test get THING pc1\n") != std::string::npos);
    const auto unknown = parse({"help", "stats"});
    REQUIRE(!unknown);
    CHECK(unknown.error().status == 2);
    CHECK(unknown.error().text.find("did you mean 'status'") != std::string::npos);
}

TEST_CASE("what a verb shall do is its words and own options, not its targets") {
    selectors.clear();
    raw = false;
    const auto parsed = parse({"get", "Class", "a=1", "--selector", "Name=X", "--raw", "pc1"});
    REQUIRE(parsed);
    CHECK(cli::begin_order(*parsed).words ==
          std::vector<std::string>{"Class", "a=1", "--raw", "--selector=Name=X"});
    raw = false;
    selectors.clear();
}

TEST_CASE("a verb's name is one word or two, with options between where the first is no verb") {
    struct Row {
        std::vector<const char*> words;
        const char* verb;
        std::size_t targets;
    };
    for (const Row& row :
         {Row{{"boot", "show", "pc1"}, "boot show", 1}, Row{{"boot", "pxe", "pc1"}, "boot", 1},
          Row{{"boot", "pxe", "show"}, "boot", 1}, Row{{"ctl", "-q", "get"}, "ctl get", 0},
          Row{{"ctl", "get"}, "ctl get", 0}}) {
        CAPTURE(row.verb);
        const auto parsed = parse(row.words);
        REQUIRE(parsed);
        CHECK(parsed->verb->name == row.verb);
        CHECK(parsed->targets.size() == row.targets);
    }
    CHECK(parse({"ctl"}).error().text.find("which verb of ctl") != std::string::npos);
    CHECK(parse({"ctl", "gett"}).error().text.find("did you mean 'ctl get'") != std::string::npos);
    CHECK(parse({"ctl", "--help"}).error().status == 0);
    CHECK(parse({"ctl", "get", "word"}).error().text.find("'word'") != std::string::npos);
}

TEST_CASE("a verb takes only the options that have an effect on it") {
    for (const auto& words : std::vector<std::vector<const char*>>{{"status", "--yes", "pc1"},
                                                                   {"status", "-n", "pc1"},
                                                                   {"status", "--raw", "pc1"},
                                                                   {"ctl", "get", "--summary"},
                                                                   {"boot", "pxe", "--enable"}}) {
        CAPTURE(words.back());
        const auto parsed = parse(words);
        REQUIRE(!parsed);
        CHECK(parsed.error().status == 2);
        CHECK(parsed.error().text.find("it has no effect there") != std::string::npos);
    }
    CHECK(parse({"status", "--summry", "pc1"}).error().text.find("did you mean --summary") !=
          std::string::npos);
    CHECK(parse({"boot", "pxe", "-n", "--yes", "pc1"}));
}

TEST_CASE("an option that changes makes the order a change, and one that reads makes it no less") {
    enable = false;
    auto parsed = parse({"connect", "pc1"});
    REQUIRE(parsed);
    CHECK(cli::begin_order(*parsed).effect == fleet::Effect::reads);
    parsed = parse({"connect", "--enable", "--yes", "pc1"});
    REQUIRE(parsed);
    const cli::Order order = cli::begin_order(*parsed);
    CHECK(order.effect == fleet::Effect::changes);
    CHECK(order.action == "test.connect");
    CHECK(cli::deed_with_options(*parsed, "open the console", "of") ==
          "open the console (--enable) of");
    CHECK(parse({"connect", "--help"}).error().text.find("switch it on (changes)") !=
          std::string::npos);
    enable = false;
    parsed = parse({"boot", "pxe", "--brief", "pc1"});
    REQUIRE(parsed);
    CHECK(brief);
    CHECK(cli::begin_order(*parsed).effect == fleet::Effect::changes);
    parsed = parse({"boot", "show", "pc1"});
    REQUIRE(parsed);
    CHECK(cli::begin_order(*parsed).action == "test.boot_show");
}
