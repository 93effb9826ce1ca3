#include "alarm.h"

#include "core/error.h"
#include "core/text.h"

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

/// "2026-01-31T07:00:00Z" of a time in whole minutes, seconds left away or zero; nothing for
/// another form or a day that is not in the calendar.
std::optional<std::string> whole_minutes(std::string_view text) {
    constexpr std::string_view form = "dddd-dd-ddTdd:ddZ";
    constexpr std::string_view no_seconds = ":00Z";
    std::string time(text);
    if (text.size() == form.size() + 3 && text.ends_with(no_seconds))
        time = join({text.substr(0, form.size() - 1), "Z"});
    const auto fits = [](char c, char f) { return f == 'd' ? c >= '0' && c <= '9' : c == f; };
    if (!std::ranges::equal(time, form, fits)) return std::nullopt;
    const auto number = [&](std::size_t at, std::size_t count) {
        return static_cast<unsigned>(*parse_unsigned(std::string_view(time).substr(at, count)));
    };
    const std::chrono::year_month_day day(std::chrono::year(static_cast<int>(number(0, 4))),
                                          std::chrono::month(number(5, 2)),
                                          std::chrono::day(number(8, 2)));
    if (!day.ok() || number(11, 2) > 23 || number(14, 2) > 59) return std::nullopt;
    time.pop_back();
    return time + std::string(no_seconds);
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
    return there ? "compare with the alarm of that name, and stop when it differs"
                 : "switch on at " + order.alarm.at;
}

Error bad(const char* code, std::string message, std::string hint) {
    return Error(Class::usage, code, std::move(message), std::move(hint));
}

}  // namespace

Result<Waking> parse_alarm(std::string_view action, const std::optional<std::string>& name,
                           const std::optional<std::string>& at,
                           const std::optional<std::string>& every) {
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
    const auto time = whole_minutes(*at);
    if (!time)
        return std::unexpected(bad("usage.alarm_time", "'" + *at + "' is no time in whole minutes",
                                   "in UTC, like 2026-01-31T07:00Z"));
    order.alarm.at = *time;
    if (!every) return order;
    const auto interval = parse_duration(*every);
    if (!interval || *interval % std::chrono::minutes(1) != std::chrono::milliseconds(0))
        return std::unexpected(
            bad("usage.duration", "'" + *every + "' is no whole minutes", "like 90m or 24h"));
    order.alarm.every = std::chrono::duration_cast<std::chrono::minutes>(*interval);
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
        co_return;
    }
    if (order.kind == Waking::Kind::add)
        co_await alarms.add(order.alarm, present, attempt.changed);
    else
        co_await alarms.remove(order.alarm.name, present, attempt.changed);
    attempt.verified = true;
}

}  // namespace oob::power
