#include "plane/amt/power_step.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::plane;
using namespace oob::plane::amt;

namespace {

Survey survey(std::string power, std::optional<std::string> saving = "full",
              std::vector<std::uint64_t> offered = {10, 8, 5, 11, 4, 7, 14, 12}) {
    return Survey{{std::move(power), Value(), std::move(saving)}, std::move(offered)};
}

/// What a machine with Modern Standby offers while it is on.
const std::vector<std::uint64_t> modern{10, 8, 5, 11, 14, 12};

}  // namespace

TEST_CASE("each power state of the reference has one word, and sleep is not hibernation") {
    const std::pair<unsigned, std::string_view> words[] = {
        {1, "unknown"}, {2, "on"},        {3, "sleep"}, {4, "sleep"},  {5, "unknown"},
        {6, "off"},     {7, "hibernate"}, {8, "off"},   {9, "unknown"}};
    for (const auto& [state, word] : words) {
        CAPTURE(state);
        CHECK(power_word(state) == word);
    }
    CHECK_FALSE(saving_word(0));
    CHECK(saving_word(2) == "full");
    CHECK(saving_word(3) == "saving");
}

TEST_CASE("the request follows from the action and the real state") {
    struct Case {
        PowerAction action;
        const char* from;
        unsigned number;  ///< 0: nothing is sent
    };
    const Case cases[] = {
        {PowerAction::on, "off", 2},         {PowerAction::on, "sleep", 2},
        {PowerAction::on, "on", 0},          {PowerAction::off, "on", 8},
        {PowerAction::off, "sleep", 8},      {PowerAction::off, "off", 0},
        {PowerAction::cycle, "on", 5},       {PowerAction::cycle, "off", 2},
        {PowerAction::reset, "on", 10},      {PowerAction::soft_off, "on", 12},
        {PowerAction::soft_off, "off", 0},   {PowerAction::soft_reset, "on", 14},
        {PowerAction::sleep, "on", 4},       {PowerAction::sleep, "sleep", 0},
        {PowerAction::hibernate, "on", 7},   {PowerAction::hibernate, "hibernate", 0},
        {PowerAction::nmi, "on", 11},        {PowerAction::wake, "sleep", 2},
        {PowerAction::wake, "hibernate", 2}, {PowerAction::wake, "on", 0},
    };
    for (const Case& one : cases) {
        CAPTURE(one.from);
        CAPTURE(one.number);
        const auto step = step_for(one.action, survey(one.from));
        REQUIRE(step);
        CHECK(step->nothing() == (one.number == 0));
        if (step->request) CHECK(static_cast<unsigned>(*step->request) == one.number);
        CHECK(step->words.empty() == step->nothing());
    }
}

TEST_CASE("what makes no sense in a state is a precondition error with a hint") {
    const std::pair<PowerAction, const char*> cases[] = {
        {PowerAction::reset, "off"},      {PowerAction::reset, "sleep"},
        {PowerAction::soft_reset, "off"}, {PowerAction::soft_off, "sleep"},
        {PowerAction::sleep, "off"},      {PowerAction::sleep, "hibernate"},
        {PowerAction::hibernate, "off"},  {PowerAction::nmi, "off"},
        {PowerAction::wake, "off"},       {PowerAction::off, "hibernate"}};
    for (const auto& [action, from] : cases) {
        CAPTURE(from);
        const auto step = step_for(action, survey(from));
        REQUIRE(!step);
        CHECK(step.error().kind == Class::precondition);
        CHECK_FALSE(step.error().hint.empty());
    }
}

TEST_CASE("a machine with Modern Standby is sent into standby and woken from it") {
    const auto sleep = step_for(PowerAction::sleep, survey("on", "full", modern));
    REQUIRE(sleep);
    CHECK(sleep->saving == SavingState::saving);
    CHECK_FALSE(sleep->request);
    for (const PowerAction action : {PowerAction::wake, PowerAction::on}) {
        const auto wake = step_for(action, survey("on", "saving", modern));
        REQUIRE(wake);
        CHECK(wake->saving == SavingState::full);
    }
    CHECK(step_for(PowerAction::sleep, survey("on", "saving", modern))->nothing());
}

TEST_CASE("a capability that is missing is told from an operating system that is missing") {
    struct Case {
        PowerAction action;
        std::vector<std::uint64_t> offered;
        std::vector<std::uint64_t> supported;
        std::string_view code;  ///< empty: it is tried
    };
    const std::vector<std::uint64_t> all{5, 8, 2, 10, 11, 12, 14};
    const std::vector<std::uint64_t> old{5, 8, 2, 10};
    const std::vector<std::uint64_t> alone{10, 8, 5};
    const Case cases[] = {
        {PowerAction::soft_off, alone, all, "power.no_os"},
        {PowerAction::sleep, alone, all, "power.no_os"},
        {PowerAction::hibernate, modern, all, "unsupported.power_state"},
        {PowerAction::soft_off, {}, old, "unsupported.power_state"},
        {PowerAction::nmi, {}, old, "unsupported.power_state"},
        {PowerAction::soft_off, {}, {}, ""},
        {PowerAction::soft_off, {}, all, ""},
        {PowerAction::reset, {}, {}, ""},
        {PowerAction::off, {10}, old, ""},
    };
    for (const Case& one : cases) {
        CAPTURE(one.code);
        const Survey now = survey("on", std::nullopt, one.offered);
        const auto step = step_for(one.action, now);
        REQUIRE(step);
        const auto error = objection(*step, now, one.supported);
        CHECK((error ? error->code : "") == one.code);
    }
}

TEST_CASE("every ReturnValue that says something is an error of its own class") {
    struct Case {
        PowerAction action;
        std::uint32_t value;
        std::vector<std::string> sessions;
        Class kind;
        std::string_view code;
    };
    const Case cases[] = {
        {PowerAction::soft_off, 1, {}, Class::unsupported, "unsupported.power_state"},
        {PowerAction::soft_off, 2, {}, Class::precondition, "power.no_os"},
        {PowerAction::reset, 2, {}, Class::firmware, "firmware.return_value"},
        {PowerAction::off, 2, {"kvm"}, Class::session_busy, "session_busy.redirection"},
        {PowerAction::reset, 2, {"kvm"}, Class::firmware, "firmware.return_value"},
        {PowerAction::off, 6, {}, Class::session_busy, "session_busy.redirection"},
        {PowerAction::off, 4099, {}, Class::precondition, "power.busy"},
        {PowerAction::off, 4097, {}, Class::firmware, "firmware.return_value"},
    };
    for (const Case& one : cases) {
        CAPTURE(one.value);
        const auto step = step_for(one.action, survey("on"));
        REQUIRE(step);
        const Error error = refusal(*step, "on", one.value, one.sessions);
        CHECK(error.kind == one.kind);
        CHECK(error.code == one.code);
        CHECK(error.native.find("return_value")->integer() == one.value);
        CHECK(error.native.find("return_name") != nullptr);
        CHECK_FALSE(error.hint.empty());
    }
}
