#include "sim/model/clock.h"

#include "codec/wsman/schema.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "sim/model/faults.h"
#include "sim/model/machine.h"

#include <algorithm>
#include <array>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

using Time = std::chrono::system_clock::time_point;

constexpr std::string_view alarm_class = "IPS_AlarmClockOccurrence";
constexpr std::size_t most_alarms = 5;
constexpr std::int64_t latest_time = 0xffffffff;

std::int64_t seconds_of(Time time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

Outcome get_time(Call& call) {
    const std::int64_t seconds = seconds_of(call.machine.clock_now());
    return MethodReply{0, {wsman::text_member("Ta0", std::to_string(seconds))}};
}

/// The clock becomes the console's time of sending, Tm2.
Outcome set_time(Call& call) {
    const auto ta0 = wsman::number_of(call.request.body, "Ta0");
    const auto tm1 = wsman::number_of(call.request.body, "Tm1");
    const auto tm2 = wsman::number_of(call.request.body, "Tm2");
    if (!ta0 || !tm1 || !tm2 || *tm2 < *tm1 || *tm2 > static_cast<std::uint64_t>(latest_time))
        return returned(pt_invalid_parameter);
    call.machine.clock.offset =
        std::chrono::seconds(static_cast<std::int64_t>(*tm2) - seconds_of(call.machine.now()));
    call.machine.clock.set_by_console = true;
    return returned(0);
}

Outcome enable_local_sync(Call& call) {
    const auto enable = wsman::truth_of(call.request.body, "Enable");
    if (!enable) return returned(pt_invalid_parameter);
    call.machine.clock.local_sync = *enable ? 1 : 2;
    return returned(0);
}

/// "2026-01-31T07:00:00Z", with or without a fraction; nothing for anything else, such as a year that
/// no clock here reaches.
std::optional<Time> parse_time(std::string_view text) {
    constexpr std::size_t at_t = 10;
    constexpr std::size_t to_second = 19;
    if (text.size() <= to_second || text[at_t] != 'T' || text.back() != 'Z') return std::nullopt;
    return parse_timestamp(text);
}

/// "P1DT2H30M" in minutes, 0 for none; nothing for anything else.
std::optional<std::chrono::minutes> parse_interval(std::string_view text) {
    if (text.empty() || text == "0") return std::chrono::minutes(0);
    if (!text.starts_with('P')) return std::nullopt;
    std::int64_t minutes = 0;
    std::size_t at = 1;
    while (at < text.size()) {
        if (text[at] == 'T') {
            ++at;
            continue;
        }
        const std::size_t end = text.find_first_not_of("0123456789", at);
        const auto number = parse_unsigned(text.substr(at, end - at));
        if (end == std::string_view::npos || !number || *number > 100'000) return std::nullopt;
        const std::size_t unit = std::string_view("SMHD").find(text[end]);
        constexpr std::array<std::int64_t, 4> minutes_each{0, 1, 60, 24 * 60};
        if (unit == std::string_view::npos) return std::nullopt;
        minutes += static_cast<std::int64_t>(*number) * minutes_each[unit];
        at = end + 1;
    }
    return std::chrono::minutes(minutes);
}

Outcome add_alarm(Call& call) {
    Machine& machine = call.machine;
    const auto missing = std::unexpected(fault("d:InvalidRepresentation", detail_missing_values));
    const Member* alarm = wsman::find(call.request.body, "AlarmTemplate");
    if (!alarm) return missing;
    const auto id = wsman::text_of(alarm->members, "InstanceID");
    const auto start = parse_time(wsman::text_of(alarm->members, "StartTime").value_or(""));
    const auto interval = parse_interval(wsman::text_of(alarm->members, "Interval").value_or(""));
    const auto once = wsman::truth_of(alarm->members, "DeleteOnCompletion");
    if (!id || id->empty() || !start || !interval || !once) return missing;
    if (machine.store.find(alarm_class, {wsman::text_member("InstanceID", std::string(*id))}))
        return missing;
    constexpr auto furthest = std::chrono::hours(24 * 366);
    if (*start <= machine.clock_now() || *start > machine.clock_now() + furthest)
        return std::unexpected(fault("d:InvalidRepresentation", detail_invalid_values));
    if (machine.store.own(alarm_class).size() >= most_alarms)
        return std::unexpected(fault("e:QuotaLimit"));
    Members members{wsman::text_member("DeleteOnCompletion", *once ? "true" : "false"),
                    wsman::text_member(
                        "ElementName",
                        std::string(wsman::text_of(alarm->members, "ElementName").value_or(*id))),
                    wsman::text_member("InstanceID", std::string(*id))};
    if (const Member* given = wsman::find(alarm->members, "Interval"); given && interval->count())
        members.push_back(*given);
    members.push_back(wsman::datetime_member(
        "StartTime", std::string(*wsman::text_of(alarm->members, "StartTime"))));
    if (!machine.store.add(alarm_class, std::move(members)))
        return std::unexpected(fault("e:QuotaLimit"));
    Member reference = wsman::reference_member(
        "AlarmClock", wsman::resource_uri(alarm_class).value_or(std::string()),
        {wsman::text_member("InstanceID", std::string(*id))});
    reference.text = "default";
    return MethodReply{0, {std::move(reference)}};
}

/// An alarm is due: the host is switched on, the alarm moves on or goes.
void fire(Machine& machine, Store::Id id, Time start) {
    const Members alarm = machine.store.read(id);
    const auto name = wsman::text_of(alarm, "ElementName").value_or("");
    if (machine.power.state != HostState::on && !machine.power.pending)
        begin_change(machine, {HostState::on, true, BootCause::alarm, std::string(name), {}});
    const auto interval = parse_interval(wsman::text_of(alarm, "Interval").value_or(""));
    if (!interval || interval->count() == 0) {
        if (wsman::truth_of(alarm, "DeleteOnCompletion").value_or(false)) machine.store.remove(id);
        return;
    }
    const auto missed = (machine.clock_now() - start) / *interval + 1;
    std::string next = rfc3339(start + missed * *interval);
    next.erase(next.find('.'));
    machine.store.write(id, {wsman::datetime_member("StartTime", next + "Z")});
}

void advance_alarms(Machine& machine) {
    const Time now = machine.clock_now();
    for (const Store::Id id : machine.store.own(alarm_class)) {
        const auto start = parse_time(machine.store.text(id, "StartTime"));
        if (start && *start <= now && *start > machine.clock.looked_at) fire(machine, id, *start);
    }
    machine.clock.looked_at = now;
}

bool write_offset(Machine& machine, const Value& value) {
    constexpr std::int64_t furthest = 100LL * 366 * 24 * 3600;
    constexpr std::int64_t unusable = furthest + 1;
    const std::int64_t offset = value.integer(unusable);
    if (offset > furthest || offset < -furthest) return false;
    machine.clock.offset = std::chrono::seconds(offset);
    return true;
}

constexpr std::array<Method, 4> methods{{
    {"AMT_TimeSynchronizationService", "GetLowAccuracyTimeSynch", 12, get_time},
    {"AMT_TimeSynchronizationService", "SetHighAccuracyTimeSynch", 12, set_time},
    {"AMT_TimeSynchronizationService", "EnableLocalTimeSync", 12, enable_local_sync},
    {"AMT_AlarmClockService", "AddAlarm", 3, add_alarm},
}};

constexpr std::array<LiveValue, 2> live_values{{
    {"clock.source",
     [](const Machine& machine) { return text_of_number(machine.clock.set_by_console ? 1 : 0); }},
    {"clock.local_sync",
     [](const Machine& machine) { return text_of_number(machine.clock.local_sync); }},
}};

constexpr std::array<StateEntry, 2> state_entries{{
    {"clock_offset_s", [](const Machine& machine) { return Value(machine.clock.offset.count()); },
     write_offset},
    {"alarms", [](const Machine& machine) { return Value(machine.store.own(alarm_class).size()); },
     nullptr},
}};

}  // namespace

const Feature& clock_feature() {
    static const Feature feature{methods, {}, {}, {}, live_values, state_entries, advance_alarms};
    return feature;
}

}  // namespace oob::sim
