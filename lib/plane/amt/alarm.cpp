#include "plane/amt/alarm.h"

#include "codec/wsman/schema.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "net/deadline.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace oob::plane::amt {

namespace wsman = codec::wsman;
using net::Task;

namespace {

constexpr std::string_view occurrence = "IPS_AlarmClockOccurrence";
constexpr std::string_view service = "AMT_AlarmClockService";
constexpr std::size_t most_alarms = 64;

Alarm alarm_of(const wsman::Instance& instance) {
    Alarm alarm;
    alarm.name = wsman::text_of(instance.members, "InstanceID").value_or("");
    alarm.at = wsman::text_of(instance.members, "StartTime").value_or("");
    alarm.every = parse_interval(wsman::text_of(instance.members, "Interval").value_or(""));
    if (alarm.every == std::chrono::minutes(0)) alarm.every.reset();
    return alarm;
}

/// The firmware keeps whole minutes: "2026-01-31T07:00".
bool same(const Alarm& a, const Alarm& b) {
    constexpr std::size_t to_minute = 16;
    return a.at.substr(0, to_minute) == b.at.substr(0, to_minute) && a.every == b.every;
}

const Alarm* named(const std::vector<Alarm>& alarms, std::string_view name) {
    const auto found = std::ranges::find(alarms, name, &Alarm::name);
    return found == alarms.end() ? nullptr : &*found;
}

}  // namespace

std::string interval_text(std::chrono::minutes interval) {
    const auto minutes = interval.count();
    return join({"P", std::to_string(minutes / (24 * 60)), "DT", std::to_string(minutes / 60 % 24),
                 "H", std::to_string(minutes % 60), "M"});
}

std::optional<std::chrono::minutes> parse_interval(std::string_view text) {
    constexpr std::int64_t longest = 10LL * 366 * 24 * 60;
    constexpr std::string_view units = "DHM";
    constexpr std::array<std::int64_t, 3> minutes_each{24 * 60, 60, 1};
    if (!text.starts_with('P')) return std::nullopt;
    std::int64_t minutes = 0;
    bool in_time = false;
    for (std::size_t at = 1; at < text.size();) {
        if (text[at] == 'T' && !in_time) {
            in_time = true;
            ++at;
            continue;
        }
        const std::size_t end = text.find_first_not_of("0123456789", at);
        if (end == std::string_view::npos) return std::nullopt;
        const auto number = parse_unsigned(text.substr(at, end - at));
        const std::size_t unit = units.find(text[end]);
        if (!number || *number > static_cast<std::uint64_t>(longest)) return std::nullopt;
        at = end + 1;
        if (text[end] == 'S' && in_time && *number == 0) continue;
        if (unit == std::string_view::npos || in_time == (unit == 0)) return std::nullopt;
        minutes += static_cast<std::int64_t>(*number) * minutes_each[unit];
        if (minutes > longest) return std::nullopt;
    }
    return std::chrono::minutes(minutes);
}

Task<std::vector<Alarm>> AlarmClock::list() {
    const auto found =
        co_await client_.enumerate(take(wsman::resource_uri(occurrence)), most_alarms);
    std::vector<Alarm> alarms;
    for (const auto& instance : found) alarms.push_back(alarm_of(instance));
    co_return alarms;
}

/// Firmware refuses a time that is past, or too far ahead, by its own clock, and does not say so.
Task<Error> AlarmClock::explain(Error error, std::string at) {
    constexpr std::string_view clock = "AMT_TimeSynchronizationService";
    constexpr std::chrono::days furthest{366};
    if (error.code != "wsman.invalid_representation") co_return error;
    const auto told = co_await net::attempt(client_.invoke(take(wsman::resource_uri(clock)),
                                                           std::string("GetLowAccuracyTimeSynch"),
                                                           {}, {}, session::Effect::reads));
    const auto seconds = told ? wsman::number_of(*told, "Ta0") : std::nullopt;
    const auto due = parse_timestamp(at);
    if (!seconds || !due) co_return error;
    const std::chrono::system_clock::time_point now{std::chrono::seconds(*seconds)};
    if (*due > now && *due <= now + furthest) co_return error;
    Error out(Class::precondition, "alarm.clock",
              join({"the device's clock says ", to_seconds(now), ", by which ", at,
                    *due <= now ? " is in the past" : " is more than a year ahead"}),
              "set its clock: AMT keeps alarms by its own");
    out.native = std::move(error.native);
    co_return out;
}

Task<void> AlarmClock::add(Alarm alarm, std::vector<Alarm>& present, bool& sent) {
    constexpr std::string_view method = "AddAlarm";
    present = co_await list();
    if (const Alarm* other = named(present, alarm.name)) {
        if (same(*other, alarm)) co_return;
        fail(Class::precondition, "alarm.exists",
             join({"there is another alarm called ", alarm.name}), "delete that one first");
    }
    const std::string uri = take(wsman::resource_uri(occurrence));
    wsman::Member given{"AlarmTemplate", wsman::Member::Kind::object, {}, uri, {}};
    given.members.push_back(wsman::text_member("InstanceID", alarm.name));
    given.members.push_back(wsman::text_member("ElementName", alarm.name));
    given.members.push_back(wsman::datetime_member("StartTime", alarm.at));
    if (alarm.every)
        given.members.push_back(wsman::interval_member("Interval", interval_text(*alarm.every)));
    given.members.push_back(
        wsman::text_member("DeleteOnCompletion", alarm.every ? "false" : "true"));
    wsman::Members parameters;
    parameters.push_back(std::move(given));
    const auto output = co_await net::attempt(client_.invoke(
        take(wsman::resource_uri(service)), std::string(method), std::move(parameters)));
    if (!output) fail(co_await explain(output.error(), alarm.at));
    session::require_success(*output, service, method);
    sent = true;
    present = co_await list();
    const Alarm* kept = named(present, alarm.name);
    if (!kept || !same(*kept, alarm))
        fail(Class::verify, "verify.alarm",
             "the device accepted the alarm, but does not list it so",
             "look at 'oob-power alarm list'");
}

Task<void> AlarmClock::remove(std::string name, std::vector<Alarm>& present, bool& sent) {
    present = co_await list();
    if (!named(present, name)) co_return;
    wsman::Members selectors;
    selectors.push_back(wsman::text_member("InstanceID", name));
    co_await client_.remove(take(wsman::resource_uri(occurrence)), std::move(selectors));
    sent = true;
    present = co_await list();
    if (named(present, name))
        fail(Class::verify, "verify.alarm", "the device accepted, but the alarm is still there",
             "look at 'oob-power alarm list'");
}

}  // namespace oob::plane::amt
