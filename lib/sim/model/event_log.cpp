#include "sim/model/event_log.h"

#include "codec/wsman/event_record.h"
#include "core/bytes.h"
#include "core/text.h"
#include "sim/model/machine.h"

#include <algorithm>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

constexpr std::uint8_t sensor_password = 6;
constexpr std::uint8_t sensor_firmware = 15;
constexpr std::uint8_t sensor_no_media = 30;
constexpr std::uint8_t sensor_os_stop = 32;
constexpr std::uint8_t sensor_started = 37;
constexpr std::uint8_t sensor_oem = 192;
constexpr std::uint8_t entity_bios = 34;
constexpr std::uint8_t entity_management = 38;
constexpr std::uint8_t entity_processor = 3;
constexpr std::uint8_t offset_progress = 2;
constexpr std::uint8_t progress_marker = 0x40;
constexpr std::uint8_t progress_memory = 1;
constexpr std::uint8_t progress_setup = 5;
constexpr std::uint8_t progress_pci = 7;
constexpr std::uint8_t progress_video = 9;
constexpr std::uint8_t progress_os = 19;
constexpr std::uint8_t severity_monitor = 1;
constexpr std::uint8_t severity_non_critical = 8;
constexpr std::uint8_t severity_critical = 16;

Event progress(std::uint8_t code) {
    return {
        sensor_firmware, offset_progress, severity_monitor, entity_bios, {progress_marker, code}};
}

bool tells_of_starts(const Machine& machine) {
    return machine.personality->quirk("start_events", 1) != 0;
}

/// The records of a device that has been in use for a while, hours apart: starts of the host, or,
/// where its BIOS tells of none, refused logins.
std::vector<EventLog::Entry> first_entries(const Machine& machine) {
    constexpr std::int64_t newest_time = 1'717'200'000;  // 2024-06-01
    constexpr std::int64_t between = 9 * 3600;
    constexpr std::uint16_t failures = 10;
    constexpr std::array<std::uint8_t, 4> codes{progress_memory, progress_pci, progress_video,
                                                progress_os};
    const auto count = std::clamp<std::int64_t>(machine.personality->quirk("event_count", 12), 0,
                                                EventLog::most_records);
    const bool told = tells_of_starts(machine);
    std::vector<EventLog::Entry> entries;
    for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t age = (count - 1 - i) * between + machine.identity.number % 3600;
        const Event start = i % 5 == 0 ? firmware_started_event()
                                       : progress(codes[static_cast<std::size_t>(i) % 4]);
        entries.push_back({static_cast<std::uint32_t>(newest_time - age),
                           told ? start : failed_logins_event(failures)});
    }
    return entries;
}

/// All records, newest first.
std::vector<EventLog::Entry> newest_first(const Machine& machine) {
    std::vector<EventLog::Entry> all;
    if (!machine.log.cleared) all = first_entries(machine);
    all.insert(all.end(), machine.log.entries.begin(), machine.log.entries.end());
    std::ranges::reverse(all);
    if (all.size() > EventLog::most_records) all.resize(EventLog::most_records);
    return all;
}

/// What GetRecords gives: behind the records of a log that was cleared some firmware has others of
/// 21 zero bytes (reference wsman-classes, C8).
std::vector<EventLog::Entry> given_records(const Machine& machine) {
    auto all = newest_first(machine);
    if (!machine.log.cleared || all.empty()) return all;
    const auto padding = std::max<std::int64_t>(machine.personality->quirk("log_padding", 0), 0);
    all.resize(std::min(all.size() + static_cast<std::size_t>(padding), EventLog::most_records));
    return all;
}

std::string encode_record(const EventLog::Entry& entry) {
    if (entry.time == 0) return base64_encode(Bytes(wsman::event_record_size));
    const Event& event = entry.event;
    return base64_encode(wsman::encode_event_record({.time = entry.time,
                                                     .sensor = event.sensor,
                                                     .offset = event.offset,
                                                     .severity = event.severity,
                                                     .entity = event.entity,
                                                     .data = event.data}));
}

// Each method has its own number for an empty log (reference wsman-classes, C8).
constexpr std::uint32_t position_no_record = 2;
constexpr std::uint32_t log_invalid_record = 2;
constexpr std::uint32_t log_empty = 3;

Outcome position_to_first(Call& call) {
    if (newest_first(call.machine).empty()) return returned(position_no_record);
    return MethodReply{0, {wsman::text_member("IterationIdentifier", "1")}};
}

Outcome get_records(Call& call) {
    const auto first = wsman::number_of(call.request.body, "IterationIdentifier");
    const auto most = wsman::number_of(call.request.body, "MaxReadRecords");
    const auto all = given_records(call.machine);
    if (all.empty()) return returned(log_empty);
    if (!first || *first == 0 || *first > all.size() || !most || *most == 0)
        return returned(log_invalid_record);
    const std::size_t from = *first - 1;
    const std::size_t count =
        std::min<std::uint64_t>({*most, EventLog::most_records, all.size() - from});
    const bool done = from + count == all.size();
    // The recorded answer counts the records that it gave, also at the end.
    const std::size_t next = done ? all.size() : from + count + 1;
    MethodReply reply;
    reply.out.push_back(wsman::text_member("IterationIdentifier", std::to_string(next)));
    reply.out.push_back(wsman::text_member("NoMoreRecords", done ? "true" : "false"));
    for (std::size_t i = from; i < from + count; ++i)
        reply.out.push_back(wsman::text_member("RecordArray", encode_record(all[i])));
    return reply;
}

Outcome clear_log(Call& call) {
    if (call.machine.log.frozen) return returned(cim_unknown_error);
    call.machine.log.entries.clear();
    call.machine.log.cleared = true;
    return returned(0);
}

Outcome freeze_log(Call& call) {
    const auto freeze = wsman::truth_of(call.request.body, "Freeze");
    if (!freeze) return returned(cim_invalid_parameter);
    call.machine.log.frozen = *freeze;
    return returned(0);
}

Outcome cancel_iteration(Call&) { return returned(0); }

constexpr std::array<Method, 5> methods{{
    {"AMT_MessageLog", "PositionToFirstRecord", 19, position_to_first},
    {"AMT_MessageLog", "GetRecords", 19, get_records},
    {"AMT_MessageLog", "CancelIteration", 19, cancel_iteration},
    {"AMT_MessageLog", "ClearLog", 7, clear_log},
    {"AMT_MessageLog", "FreezeLog", 7, freeze_log},
}};

constexpr std::array<LiveValue, 2> live_values{{
    {"log.count",
     [](const Machine& machine) { return text_of_number(newest_first(machine).size()); }},
    {"log.frozen", [](const Machine& machine) { return text_of_flag(machine.log.frozen); }},
}};

bool write_frozen(Machine& machine, const Value& value) {
    machine.log.frozen = value.truth();
    return true;
}

constexpr std::array<StateEntry, 2> state_entries{{
    {"events", [](const Machine& machine) { return Value(newest_first(machine).size()); }, nullptr},
    {"events_frozen", [](const Machine& machine) { return Value(machine.log.frozen); },
     write_frozen},
}};

}  // namespace

void log_event(Machine& machine, const Event& event) {
    EventLog& log = machine.log;
    if (log.frozen) return;
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(machine.clock_now().time_since_epoch());
    if (log.entries.size() == EventLog::most_records) log.entries.erase(log.entries.begin());
    log.entries.push_back({static_cast<std::uint32_t>(seconds.count()), event});
}

void log_start(Machine& machine, const Event& last) {
    if (!tells_of_starts(machine)) return;
    log_event(machine, firmware_started_event());
    log_event(machine, last);
}

Event firmware_started_event() {
    return {sensor_started, 0, severity_monitor, entity_processor, {}};
}
Event os_boot_event() { return progress(progress_os); }
Event setup_entered_event() { return progress(progress_setup); }
Event no_media_event() { return {sensor_no_media, 0, severity_critical, entity_bios, {}}; }
Event host_lock_up_event() { return {sensor_os_stop, 0, severity_critical, entity_bios, {}}; }
Event session_event(SessionEvent what) {
    return {sensor_oem,
            0,
            severity_monitor,
            entity_management,
            {0xaa, 0x30, static_cast<std::uint8_t>(what)}};
}
Event failed_logins_event(std::uint16_t failures) {
    return {sensor_password,
            1,
            severity_non_critical,
            entity_management,
            {0xaa, static_cast<std::uint8_t>(failures & 0xff),
             static_cast<std::uint8_t>(failures >> 8)}};
}

const Feature& event_log_feature() {
    static const Feature feature{methods, {}, {}, {}, live_values, state_entries, nullptr};
    return feature;
}

}  // namespace oob::sim
