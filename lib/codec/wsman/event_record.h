#pragma once

#include "core/bytes.h"
#include "core/error.h"

#include <array>
#include <cstddef>
#include <cstdint>

/// A record of AMT_MessageLog, as its RecordArray holds it in base64 (reference wsman, section
/// 8.1).
namespace oob::codec::wsman {

struct EventRecord {
    std::uint32_t time = 0;  ///< seconds since 1970, by the device's clock
    std::uint8_t device = 0xff;
    std::uint8_t sensor = 0;
    std::uint8_t type = 0x6f;
    std::uint8_t offset = 0;
    std::uint8_t source = 0x68;
    std::uint8_t severity = 0;
    std::uint8_t sensor_number = 0xff;
    std::uint8_t entity = 0;
    std::uint8_t entity_instance = 0;
    std::array<std::uint8_t, 8> data{};

    /// False for the padding of a log that was cleared: 21 zero bytes, or a time of all ones.
    bool real() const { return time != 0 && time != 0xffff'ffff; }

    friend bool operator==(const EventRecord&, const EventRecord&) = default;
};

inline constexpr std::size_t event_record_size = 21;

Bytes encode_event_record(const EventRecord& record);

/// Error: class `protocol`, code event_record.size, unless there are 21 bytes.
Result<EventRecord> decode_event_record(View bytes);

}  // namespace oob::codec::wsman
