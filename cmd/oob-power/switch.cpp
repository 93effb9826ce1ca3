#include "switch.h"

#include "core/error.h"
#include "core/text.h"

namespace oob::power {

using net::Task;

plane::Power& power_of(plane::Device& device) {
    plane::Power* power = device.power();
    if (power == nullptr)
        fail(Class::unsupported, "unsupported.power", "this plane cannot switch power",
             "use a target of another kind for the same machine");
    return *power;
}

Task<void> make_way(plane::Power& power, bool close_sessions, fleet::Attempt& attempt) {
    if (!close_sessions || attempt.dry_run) co_return;
    const std::vector<std::string> closed = co_await power.close_sessions();
    std::string words;
    for (const auto& session : closed) words += " " + session;
    if (!words.empty()) attempt.findings.warnings.push_back("closed redirection sessions:" + words);
}

void note(fleet::Attempt& attempt, const plane::PowerWatch& watch) {
    if (watch.before) attempt.before = watch.before->to_value();
    if (watch.after) attempt.after = watch.after->to_value();
    attempt.changed = attempt.changed || watch.sent;
    attempt.verified = watch.verified;
    if (!watch.warning.empty()) attempt.findings.warnings.push_back(watch.warning);
}

Task<void> switch_power(plane::Device& device, Switching wish, fleet::Attempt& attempt) {
    plane::Power& power = power_of(device);
    plane::PowerWatch watch;
    // The guard writes down what is known also when the action fails or runs out of time.
    struct Guard {
        fleet::Attempt& attempt;
        plane::PowerWatch& watch;
        ~Guard() { note(attempt, watch); }
    } guard{attempt, watch};
    // Some of the device's time is left for saying that the state was not reached.
    const auto limit = attempt.limit * 4 / 5;
    if (wish.wait_for) {
        co_await attempt.interrupt->cut_off(power.wait(*wish.wait_for, limit, watch));
    } else if (!wish.action) {
        watch.after = co_await power.read();
    } else if (attempt.dry_run) {
        const std::string plan = co_await power.plan(*wish.action, watch);
        attempt.data.set("plan", plan.empty() ? std::string(fleet::nothing_to_do) : plan);
    } else {
        co_await make_way(power, wish.close_sessions, attempt);
        attempt.interrupt->check();
        co_await power.apply(*wish.action, limit, watch);
    }
}

}  // namespace oob::power
