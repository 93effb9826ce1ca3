#include "cli/question.h"

#include <doctest/doctest.h>

using namespace oob;

namespace {

std::vector<fleet::Work> machines(std::vector<std::string> names) {
    std::vector<fleet::Work> out;
    for (const auto& name : names) out.push_back({parse_target(name).value()});
    return out;
}

Result<bool> confirm(fleet::Effect effect, std::vector<std::string> names,
                     const cli::Options& options) {
    cli::Parsed parsed;
    parsed.options = options;
    cli::Order order;
    order.effect = effect;
    order.deed = "reset";
    return cli::confirm(parsed, order, machines(std::move(names)));
}

}  // namespace

TEST_CASE("a question names what will happen to which machines") {
    cli::Order order;
    order.deed = "reset";
    CHECK(cli::describe(order, machines({"pc07"})) == "reset pc07");
    CHECK(cli::describe(order, machines({"pc07", "pc08"})) == "reset pc07 and pc08");
    CHECK(cli::describe(order, machines({"pc07", "pc08", "pc09"})) == "reset pc07, pc08 and pc09");
    CHECK(cli::describe(order, machines({"pc07", "pc08", "a", "b", "c"})) ==
          "reset pc07, pc08 and 3 more");
    auto list = machines({"pc07", "pc08"});
    list.front().passed_through = Value();
    CHECK(cli::describe(order, list) == "reset pc08");
}

TEST_CASE("who cannot be asked has to have said yes, as far as the order changes something") {
    using fleet::Effect;
    cli::Options options;
    options.no_input = true;
    CHECK(confirm(Effect::reads, {"a", "b"}, options).value());
    CHECK(confirm(Effect::changes, {"a"}, options).value());
    const auto many = confirm(Effect::changes, {"a", "b"}, options);
    REQUIRE(!many);
    CHECK(many.error().code == "usage.confirm");
    CHECK(many.error().message == "this would reset a and b: 2 devices");
    CHECK(!confirm(Effect::destroys, {"a"}, options));
    CHECK(confirm(Effect::destroys, {}, options).value());
    options.yes = true;
    CHECK(confirm(Effect::destroys, {"a"}, options).value());
    options.yes = false;
    options.confirm = 2;
    CHECK(confirm(Effect::destroys, {"a", "b"}, options).value());
    CHECK(!confirm(Effect::destroys, {"a"}, options));
    CHECK(!confirm(Effect::reads, {"a"}, options));
    options.confirm.reset();
    options.dry_run = true;
    CHECK(confirm(Effect::destroys, {"a"}, options).value());
}
