#include "cli/environment.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>

using namespace oob;
using namespace std::chrono_literals;
using cli::Group;

namespace {

/// Variables that are set for as long as this lives.
class Variables {
 public:
    explicit Variables(std::map<std::string, std::string> values) : values_(std::move(values)) {
        for (const auto& [name, value] : values_) ::setenv(name.c_str(), value.c_str(), 1);
    }
    ~Variables() {
        for (const auto& [name, value] : values_) ::unsetenv(name.c_str());
    }
    Variables(const Variables&) = delete;
    Variables& operator=(const Variables&) = delete;

 private:
    std::map<std::string, std::string> values_;
};

const std::map<std::string, std::string> all{
    {"OOB_USER", "operator"}, {"OOB_CREDENTIAL", "env:SECRET"},
    {"OOB_OUTPUT", "json"},   {"OOB_VIA", "ssh:gate"},
    {"OOB_TIMEOUT", "2m"},    {"OOB_CONNECT_TIMEOUT", "9s"},
    {"OOB_FANOUT", "7"},      {"OOB_TLS_TOFU", "true"}};

}  // namespace

TEST_CASE("variables say what no option said") {
    const Variables variables(all);
    cli::Options options;
    REQUIRE(cli::apply_environment(options, cli::every_group));
    CHECK(options.user == "operator");
    CHECK(options.credential == "env:SECRET");
    CHECK(options.output == report::Format::json);
    CHECK(options.via == "ssh:gate");
    CHECK(options.limits.timeout == 2min);
    CHECK(options.dial.connect_timeout == 9s);
    CHECK(options.limits.fanout == 7);
    CHECK(options.tls_tofu == true);

    cli::Options given;
    given.user = "me";
    given.credential = "ask";
    given.output = report::Format::table;
    given.via = "socks5:proxy:1080";
    given.timeout_given = given.connect_timeout_given = given.fanout_given = true;
    given.dial.connect_timeout = 1s;
    given.limits.fanout = 3;
    given.tls_tofu = false;
    REQUIRE(cli::apply_environment(given, cli::every_group));
    CHECK(given.user == "me");
    CHECK(given.credential == "ask");
    CHECK(given.output == report::Format::table);
    CHECK(given.via == "socks5:proxy:1080");
    CHECK(given.limits.timeout == 30s);
    CHECK(given.dial.connect_timeout == 1s);
    CHECK(given.limits.fanout == 3);
    CHECK(given.tls_tofu == false);
}

TEST_CASE("a bad variable is told by its name, and a possible password is not repeated") {
    for (const auto& [name, value] :
         std::map<std::string, std::string>{{"OOB_CREDENTIAL", "hunter2"},
                                            {"OOB_OUTPUT", "jsn"},
                                            {"OOB_VIA", "nonsense"},
                                            {"OOB_TIMEOUT", "soon"},
                                            {"OOB_CONNECT_TIMEOUT", "3"},
                                            {"OOB_FANOUT", "0"},
                                            {"OOB_TLS_TOFU", "maybe"}}) {
        CAPTURE(name);
        const Variables variables({{name, value}});
        cli::Options options;
        const auto applied = cli::apply_environment(options, cli::every_group);
        REQUIRE(!applied);
        CHECK(applied.error().kind == Class::usage);
        CHECK(applied.error().message.starts_with(name + ": "));
        CHECK(applied.error().message.contains("hunter2") == false);
        CHECK(!applied.error().hint.empty());
        // A verb on which it has no effect does not look at it, and an empty one says nothing.
        cli::Options other;
        CHECK(cli::apply_environment(other, Group::trace));
        const Variables empty({{name, ""}});
        CHECK(cli::apply_environment(other, cli::every_group));
    }
}

TEST_CASE("the configuration says what neither an option nor a variable did") {
    fleet::Settings defaults;
    defaults.fanout = 8;
    defaults.timeout = 1min;
    defaults.connect_timeout = 10s;
    defaults.output = "json";
    cli::Options options;
    REQUIRE(cli::apply_defaults(options, defaults));
    CHECK(options.limits.fanout == 8);
    CHECK(options.limits.timeout == 1min);
    CHECK(options.dial.connect_timeout == 10s);
    CHECK(options.output == report::Format::json);

    const Variables variables(all);
    cli::Options stronger;
    REQUIRE(cli::apply_environment(stronger, cli::every_group));
    REQUIRE(cli::apply_defaults(stronger, defaults));
    CHECK(stronger.limits.fanout == 7);
    CHECK(stronger.limits.timeout == 2min);
    CHECK(stronger.dial.connect_timeout == 9s);

    defaults.output = "jsn";
    cli::Options bad;
    const auto applied = cli::apply_defaults(bad, defaults);
    REQUIRE(!applied);
    CHECK(applied.error().kind == Class::config);
    CHECK(applied.error().message.contains("did you mean json?"));
}
