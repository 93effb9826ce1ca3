#include "codec/wsman/event_record.h"

namespace oob::codec::wsman {

Bytes encode_event_record(const EventRecord& record) {
    Writer out;
    out.le32(record.time).u8(record.device).u8(record.sensor).u8(record.type).u8(record.offset);
    out.u8(record.source).u8(record.severity).u8(record.sensor_number).u8(record.entity);
    out.u8(record.entity_instance);
    for (const std::uint8_t byte : record.data) out.u8(byte);
    return out.take();
}

Result<EventRecord> decode_event_record(View bytes) {
    if (bytes.size() != event_record_size)
        return std::unexpected(Error(Class::protocol, "event_record.size",
                                     "a record of the event log does not have 21 bytes"));
    Reader in(bytes);
    EventRecord record;
    record.time = in.le32();
    record.device = in.u8();
    record.sensor = in.u8();
    record.type = in.u8();
    record.offset = in.u8();
    record.source = in.u8();
    record.severity = in.u8();
    record.sensor_number = in.u8();
    record.entity = in.u8();
    record.entity_instance = in.u8();
    for (std::uint8_t& byte : record.data) byte = in.u8();
    return record;
}

}  // namespace oob::codec::wsman
