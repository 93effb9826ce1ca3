#include "plane/amt/start_log.h"

#include "core/text.h"

#include <algorithm>
#include <cstdint>

namespace oob::plane::amt {

namespace wsman = codec::wsman;
using wsman::EventRecord;

namespace {

constexpr std::uint8_t sensor_progress = 15;
constexpr std::uint8_t sensor_firmware_started = 37;
constexpr std::uint8_t offset_progress = 2;
constexpr std::uint8_t invalid_data = 235;
constexpr std::uint8_t dock_attached = 14;
constexpr std::uint8_t os_wake_vector = 18;
constexpr std::uint8_t os_boot = 19;

/// No start goes on for so long without a word.
constexpr std::uint32_t longest_silence_s = 120;

bool firmware_started(const EventRecord& record) {
    return record.sensor == sensor_firmware_started;
}

/// The last that a BIOS writes of a start: afterwards the operating system has the host.
bool ends_start(const EventRecord& record) {
    return record.sensor == sensor_progress && record.data[1] == os_boot;
}

/// True when `record` cannot be of the start that `earlier` is of.
bool follows(const EventRecord& earlier, const EventRecord& record) {
    if (ends_start(earlier)) return true;
    return record.time >= earlier.time && record.time - earlier.time >= longest_silence_s;
}

/// How many records of `after`, from its front, were not there before. A full log loses its oldest
/// ones.
std::size_t fresh_records(const EventLog& before, const EventLog& after) {
    std::size_t fresh = after.size() > before.size() ? after.size() - before.size() : 0;
    const auto same = [&](std::size_t count) {
        return std::equal(after.begin() + static_cast<std::ptrdiff_t>(count), after.end(),
                          before.begin(),
                          before.begin() + static_cast<std::ptrdiff_t>(after.size() - count));
    };
    while (!same(fresh)) ++fresh;
    return fresh;
}

}  // namespace

EventLog records_of(const wsman::Members& output) {
    EventLog log;
    for (const auto& member : output) {
        if (member.name != "RecordArray") continue;
        const auto bytes = base64_decode(member.text);
        if (!bytes) continue;
        const auto record = wsman::decode_event_record(*bytes);
        if (record && record->real()) log.push_back(*record);
    }
    return log;
}

bool tells_of_start(const EventRecord& record) {
    if (firmware_started(record)) return true;
    if (record.sensor != sensor_progress || record.offset != offset_progress) return false;
    if (record.data[0] == invalid_data) return false;
    const std::uint8_t code = record.data[1];
    return code < dock_attached || code > os_wake_vector;
}

bool tells_of_starts(const EventLog& log) { return std::ranges::any_of(log, tells_of_start); }

bool new_start(const EventLog& before, const EventLog& after) {
    const std::size_t fresh = fresh_records(before, after);
    const auto last = std::ranges::find_if(before, tells_of_start);
    const EventRecord* earlier = last == before.end() ? nullptr : &*last;
    for (std::size_t i = fresh; i-- > 0;) {
        const EventRecord& record = after[i];
        if (!tells_of_start(record)) continue;
        if (firmware_started(record) || (earlier && follows(*earlier, record))) return true;
        earlier = &record;
    }
    return false;
}

}  // namespace oob::plane::amt
