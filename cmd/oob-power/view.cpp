#include "view.h"

#include "core/json.h"
#include "core/text.h"

#include <chrono>
#include <utility>

namespace oob::power {

using report::at_path;
using report::Column;
using report::Details;
using report::text_at;

namespace {

constexpr std::size_t usual_power = 9;  // "hibernate"
constexpr std::size_t usual_start = 10;
constexpr std::size_t usual_alarms = 8;

/// A failure that came before a change tells what the power was then.
Column power_column() {
    const auto power = [](const Value& record) {
        const std::string after = report::text_at(record, "state.after.power");
        return after == "-" ? report::text_at(record, "state.before.power") : after;
    };
    return {"POWER", power, usual_power};
}

std::string text_of(const Value& value) {
    return value.is_string() ? std::string(value.text()) : to_json(value);
}

constexpr const char* as_set = "as set";

/// What the device says is set: "as usual", "disk:2", or "as set" when nobody knows for what.
std::string start_cell(const Value& record) {
    const Value& boot = at_path(record, "data.boot");
    if (boot.is_null()) return "-";
    if (at_path(boot, "options").members().empty() && !at_path(boot, "armed").truth())
        return "as usual";
    const Value& device = at_path(boot, "device");
    return device.is_null() || at_path(record, "dry_run").truth() ? as_set
                                                                  : std::string(device.text());
}

Column start_column() { return {"NEXT START", start_cell, usual_start}; }

Details boot_details(const Value& record) {
    Details out;
    const Value& boot = at_path(record, "data.boot");
    for (const auto& [name, value] : at_path(boot, "options").members())
        out.push_back({"set: " + name, text_of(value)});
    if (start_cell(record) == as_set && out.empty())
        out.push_back({"set", "the device does not tell for what"});
    if (const Value& failure = at_path(boot, "last_failure"); !failure.is_null())
        out.push_back({"last failure", text_of(failure)});
    std::string devices;
    for (const Value& device : at_path(boot, "devices").items())
        devices += join({devices.empty() ? "" : " ", device.text()});
    if (!devices.empty()) out.push_back({"can start from", std::move(devices)});
    return out;
}

std::string alarms_cell(const Value& record) {
    const Value& alarms = at_path(record, "data.alarms");
    if (alarms.is_null()) return "-";
    const std::size_t count = alarms.items().size();
    if (count == 0) return "none";
    return count == 1 ? "1 alarm" : std::to_string(count) + " alarms";
}

/// "24h", or minutes for what is no whole hours.
std::string interval(const Value& milliseconds) {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(
                             std::chrono::milliseconds(milliseconds.integer()))
                             .count();
    return minutes % 60 == 0 ? std::to_string(minutes / 60) + "h" : std::to_string(minutes) + "m";
}

Details alarm_details(const Value& record) {
    Details out;
    for (const Value& alarm : at_path(record, "data.alarms").items()) {
        const Value& every = at_path(alarm, "every_ms");
        out.push_back({text_at(alarm, "name"),
                       join({text_at(alarm, "at"), every.is_null() ? ", once" : ", every ",
                             every.is_null() ? std::string() : interval(every)})});
    }
    return out;
}

}  // namespace

report::View power_view() { return report::standard_view({power_column()}); }

report::View boot_view() { return report::standard_view({power_column(), start_column()}); }

report::View boot_show_view() {
    return report::standard_view({power_column(), start_column()}, boot_details);
}

report::View alarm_view() {
    return report::standard_view({{"ALARMS", alarms_cell, usual_alarms}}, alarm_details);
}

}  // namespace oob::power
