#include "power.h"

#include "net/deadline.h"

#include <chrono>

namespace oob::sol {

namespace {

constexpr std::chrono::milliseconds longest_change{120'000};

std::string words_of(const plane::PowerWatch& watch) {
    const std::string before = watch.before ? watch.before->power : "unknown";
    const std::string after = watch.after ? watch.after->power : "unknown";
    return "the host was " + before + " and is " + after;
}

plane::Power& power_of(plane::Device& device) {
    plane::Power* power = device.power();
    if (power == nullptr)
        fail(Class::unsupported, "unsupported.power", "this plane cannot switch power",
             "use a target of another kind for the same machine");
    return *power;
}

}  // namespace

std::optional<plane::PowerAction> power_action(std::string_view word) {
    if (word == "on") return plane::PowerAction::on;
    if (word == "off") return plane::PowerAction::off;
    if (word == "cycle") return plane::PowerAction::cycle;
    if (word == "reset") return plane::PowerAction::reset;
    return std::nullopt;
}

net::Task<std::string> plan_power(plane::Device& device, plane::PowerAction action) {
    plane::PowerWatch watch;
    const std::string plan = co_await power_of(device).plan(action, watch);
    co_return plan.empty() ? "leave the power as it is" : plan;
}

net::Task<std::string> switch_power(plane::Device& device, plane::PowerAction action) {
    plane::Power& power = power_of(device);
    plane::PowerWatch watch;
    auto done = co_await net::attempt(power.apply(action, longest_change, watch));
    if (done) co_return words_of(watch);
    const bool kept_on = done.error().kind == Class::session_busy;
    if (action != plane::PowerAction::cycle || !kept_on) fail(std::move(done).error());
    plane::PowerWatch again;
    co_await power.apply(plane::PowerAction::reset, longest_change, again);
    co_return words_of(again) + "; it was reset, as its power is not cut while a console is open";
}

}  // namespace oob::sol
