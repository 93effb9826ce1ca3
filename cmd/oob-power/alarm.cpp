#include "alarm.h"

#include "core/error.h"
#include "core/text.h"
#include "core/timestamp.h"

#include <algorithm>
#include <chrono>

namespace oob::power {

using net::Task;

namespace {

constexpr std::size_t longest_name = 64;

plane::Alarms& alarms_of(plane::Device& device) {
    plane::Alarms* alarms = device.alarms();
    if (alarms == nullptr)
        fail(Class::unsupported, "unsupported.alarm", "this plane has no alarm clock",
             "use a target of another kind for the same machine");
    return *alarms;
}

using Time = std::chrono::system_clock::time_point;

/// Firmware takes no time that is further ahead.
constexpr std::chrono::days furthest{366};

Error bad(const char* code, std::string message, std::string hint) {
    return Error(Class::usage, code, std::move(message), std::move(hint));
}

/// When the alarm is due, as the firmware takes it: in UTC and whole minutes.
Result<std::string> due_time(const std::string& text, Time now) {
    const auto wrong = [](std::string message, std::string hint) {
        return std::unexpected(bad("usage.alarm_time", std::move(message), std::move(hint)));
    };
    const auto time = parse_timestamp(text);
    if (!time && lacks_offset(text))
        return wrong(join({"'", text, "' does not say which clock it is of"}),
                     "put Z behind it for UTC, or an offset: 2026-01-31T07:00+01:00");
    if (!time || time->time_since_epoch() % std::chrono::minutes(1) != Time::duration(0))
        return wrong(join({"'", text, "' is no time in whole minutes"}),
                     "like 2026-01-31T07:00Z, or 2026-01-31T08:00+01:00");
    const std::string clock = "by the clock of this machine it is " + to_seconds(now);
    if (*time <= now) return wrong(to_seconds(*time) + " is in the past", clock);
    if (*time > now + furthest)
        return wrong(to_seconds(*time) + " is more than a year ahead", clock);
    return to_seconds(*time);
}

Value to_value(const std::vector<plane::Alarm>& alarms) {
    Value out = Value::array();
    for (const auto& alarm : alarms) {
        Value one;
        one.set("name", alarm.name).set("at", alarm.at.empty() ? Value() : Value(alarm.at));
        one.set("every_ms",
                alarm.every ? Value(std::chrono::milliseconds(*alarm.every).count()) : Value());
        out.push(std::move(one));
    }
    return out;
}

std::string plan(const Waking& order, const std::vector<plane::Alarm>& present) {
    const bool there =
        std::ranges::find(present, order.alarm.name, &plane::Alarm::name) != present.end();
    if (order.kind == Waking::Kind::remove)
        return there ? "delete the alarm" : std::string(fleet::nothing_to_do);
    if (there) return "compare with the alarm of that name, and stop when it differs";
    const auto& every = order.alarm.every;
    return join({"alarm ", order.alarm.name, ": switch on at ", order.alarm.at,
                 every ? join({", and every ", std::to_string(every->count()), " minutes"}) : ""});
}

/// Nothing is left to delete, which is well, unless the name was a slip.
void warn_of_missing(const Waking& order, const std::vector<plane::Alarm>& present,
                     fleet::Attempt& attempt) {
    std::string others;
    for (const plane::Alarm& alarm : present) {
        if (alarm.name == order.alarm.name) return;
        others += join({others.empty() ? "; there is " : ", ", alarm.name});
    }
    attempt.findings.warnings.push_back(join({"no alarm is called ", order.alarm.name, others}));
}

}  // namespace

Result<Waking> parse_alarm(std::string_view action, const std::optional<std::string>& name,
                           const std::optional<std::string>& at,
                           const std::optional<std::string>& every, Time now) {
    const bool adds = action == "add";
    if (!adds && action != "list" && action != "delete")
        return std::unexpected(bad("usage.alarm", join({"'", action, "' is done to no alarm"}),
                                   "alarm list, alarm add or alarm delete"));
    if (name.has_value() != (action != "list") || at.has_value() != adds || (every && !adds))
        return std::unexpected(
            bad("usage.alarm",
                join({"alarm ", action, adds ? " needs --name and --at" : " needs --name"}),
                "alarm list; alarm add --name NAME --at TIME [--every "
                "DURATION]; alarm delete --name NAME"));
    Waking order;
    if (action == "list") return order;
    order.kind = adds ? Waking::Kind::add : Waking::Kind::remove;
    const bool printable = std::ranges::all_of(*name, [](char c) { return c > ' ' && c <= '~'; });
    if (name->empty() || name->size() > longest_name || !printable)
        return std::unexpected(bad("usage.alarm", "an alarm's name is 1 to 64 visible characters",
                                   "letters and digits do"));
    order.alarm.name = *name;
    if (!adds) return order;
    if (every) {
        const auto interval = parse_duration(*every);
        if (!interval || *interval % std::chrono::minutes(1) != std::chrono::milliseconds(0))
            return std::unexpected(bad("usage.duration", "'" + *every + "' is no whole minutes",
                                       "like 90m, 24h or 7d"));
        order.alarm.every = std::chrono::duration_cast<std::chrono::minutes>(*interval);
    }
    auto time = due_time(*at, now);
    if (!time) return std::unexpected(std::move(time).error());
    order.alarm.at = *std::move(time);
    return order;
}

Task<void> alarm(plane::Device& device, Waking order, fleet::Attempt& attempt) {
    plane::Alarms& alarms = alarms_of(device);
    std::vector<plane::Alarm> present;
    // What is known goes into the record also when the change fails.
    struct Guard {
        fleet::Attempt& attempt;
        const std::vector<plane::Alarm>& present;
        ~Guard() { attempt.data.set("alarms", to_value(present)); }
    } guard{attempt, present};
    if (attempt.dry_run || order.kind == Waking::Kind::list) {
        present = co_await alarms.list();
        if (order.kind != Waking::Kind::list) attempt.data.set("plan", plan(order, present));
        if (order.kind == Waking::Kind::remove) warn_of_missing(order, present, attempt);
        co_return;
    }
    if (order.kind == Waking::Kind::add)
        co_await alarms.add(order.alarm, present, attempt.changed);
    else
        co_await alarms.remove(order.alarm.name, present, attempt.changed);
    if (order.kind == Waking::Kind::remove && !attempt.changed)
        warn_of_missing(order, present, attempt);
    attempt.verified = true;
}

}  // namespace oob::power
