#include "codec/redirection/ider.h"

#include <algorithm>

namespace oob::codec::redirection {

namespace {

constexpr std::uint32_t intel = 343;
constexpr std::uint8_t attribute_dma = 0x01;
constexpr std::uint8_t attribute_completed = 0x02;
constexpr std::uint8_t drive_floppy = 0xa0;
constexpr std::uint8_t drive_cd = 0xb0;
constexpr std::uint8_t drive_bit = 0x10;  // set for the CD
constexpr std::uint8_t command_packet = 0xa0;
constexpr std::uint32_t open_version = 1;
// Registers and which of them count (section 4.10).
constexpr std::uint8_t mask_input = 0xb5;
constexpr std::uint8_t mask_input_dma = 0xb4;
constexpr std::uint8_t mask_output = 0x85;
constexpr std::uint8_t mask_good = 0xc5;
constexpr std::uint8_t mask_check = 0x87;
constexpr std::uint8_t reason_data = 2;    // data to the host
constexpr std::uint8_t reason_status = 3;  // status to the host
constexpr std::uint8_t status_data = 0x58;
constexpr std::uint8_t status_good = 0x50;
constexpr std::uint8_t status_check = 0x51;

std::unexpected<Error> malformed(const char* what) {
    return std::unexpected(
        Error(Class::protocol, "redirection.malformed", what, "is this AMT's redirection port?"));
}

std::uint8_t register_of(Drive drive) { return drive == Drive::cd ? drive_cd : drive_floppy; }
Drive drive_of(std::uint8_t value) { return (value & drive_bit) != 0 ? Drive::cd : Drive::floppy; }

Writer head(Code code, std::uint8_t status, std::uint8_t attributes, std::uint32_t sequence) {
    Writer out;
    out.u8(static_cast<std::uint8_t>(code)).u8(status).u8(0).u8(attributes).le32(sequence);
    return out;
}

void zeros(Writer& out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out.u8(0);
}

}  // namespace

Bytes encode(const IderOpen& message) {
    Writer out = head(Code::ider_open, 0, 0, message.sequence);
    out.le16(message.receive_timeout).le16(message.transmit_timeout).le16(message.heartbeat);
    return out.le32(open_version).take();
}

Bytes encode(const IderOpenReply& message) {
    Writer out = head(Code::ider_open_reply, message.status, 0, message.sequence);
    out.u8(1).u8(0).u8(message.firmware_major).u8(message.firmware_minor).le32(0);
    out.le16(message.read_buffer).le16(message.write_buffer);
    zeros(out, 5);
    return out.le32(intel).u8(0).take();
}

Bytes encode_features(const IderFeatures& message) {
    Writer out = head(Code::ider_features, 0, 0, message.sequence);
    out.u8(message.question);
    if (message.question == static_cast<std::uint8_t>(FeatureQuestion::set))
        out.le32(message.value);
    return out.take();
}

Bytes encode_features_reply(const IderFeatures& message) {
    Writer out = head(Code::ider_features_reply, 0, 0, message.sequence);
    return out.u8(message.question).le32(message.value).take();
}

Bytes encode_reset_occurred(std::uint32_t sequence, std::uint8_t mask) {
    return head(Code::ider_reset_occurred, 0, 0, sequence).u8(mask).take();
}

Bytes encode_error_occurred(std::uint32_t sequence, std::uint8_t error) {
    return head(Code::ider_error_occurred, 0, 0, sequence).u8(error).le16(0).take();
}

Bytes encode(const IderCommand& message) {
    Writer out = head(Code::ider_command, 0, 0, message.sequence);
    out.u8(0).u8(message.dma ? attribute_dma : 0).u8(0).u8(0).le16(message.byte_count);
    out.u8(register_of(message.drive)).u8(command_packet);
    return out.bytes(message.cdb).take();
}

Bytes encode(const IderCommandEnd& message) {
    const bool good = message.sense.key == 0;
    Writer out = head(Code::ider_command_end, 0, attribute_completed, message.sequence);
    zeros(out, 12);
    out.u8(good ? mask_good : mask_check);
    out.u8(static_cast<std::uint8_t>(message.sense.key << 4)).u8(reason_status);
    zeros(out, 3);
    out.u8(register_of(message.drive)).u8(good ? status_good : status_check);
    out.u8(message.sense.key).u8(message.sense.code).u8(message.sense.qualifier);
    return out.take();
}

std::array<std::byte, ider_data_head> encode_head(const IderDataToHost& message) {
    std::array<std::byte, ider_data_head> out{};
    const auto set = [&out](std::size_t at, unsigned value) {
        out[at] = static_cast<std::byte>(value & 0xff);
    };
    const unsigned drive = register_of(message.drive);
    set(0, static_cast<unsigned>(Code::ider_data_to_host));
    set(3, (message.dma ? attribute_dma : 0U) | (message.completed ? attribute_completed : 0U));
    for (std::size_t i = 0; i < 4; ++i) set(4 + i, message.sequence >> (8 * i));
    set(9, message.size);
    set(10, message.size >> 8U);
    set(12, message.dma ? mask_input_dma : mask_input);
    set(14, reason_data);
    if (!message.dma) {
        set(16, message.size);
        set(17, message.size >> 8U);
    }
    set(18, drive);
    set(19, status_data);
    if (!message.completed) return out;
    set(20, mask_output);
    set(22, reason_status);
    set(26, drive);
    set(27, status_good);
    return out;
}

Bytes encode(const IderGetData& message) {
    Writer out = head(Code::ider_get_data, 0, 0, message.sequence);
    out.u8(0).le16(message.size).u8(0);
    out.u8(mask_input).u8(0).u8(0).u8(0).le16(message.size);
    out.u8(register_of(message.drive)).u8(status_data);
    zeros(out, 11);
    return out.take();
}

Bytes encode(const IderDataFromHost& message) {
    const View bytes = message.bytes.first(std::min<std::size_t>(message.bytes.size(), 0xffff));
    Writer out = head(Code::ider_data_from_host, 0, message.last ? attribute_completed : 0,
                      message.sequence);
    out.u8(0).le16(static_cast<std::uint16_t>(bytes.size()));
    zeros(out, 3);
    return out.bytes(bytes).take();
}

Result<IderOpen> decode_ider_open(View message) {
    Reader in(message);
    in.skip(4);
    IderOpen out;
    out.sequence = in.le32();
    out.receive_timeout = in.le16();
    out.transmit_timeout = in.le16();
    out.heartbeat = in.le16();
    in.skip(4);
    if (!in.ok()) return malformed("the opening of IDE redirection is cut short");
    return out;
}

Result<IderOpenReply> decode_ider_open_reply(View message) {
    Reader in(message);
    in.skip(1);
    IderOpenReply out;
    out.status = in.u8();
    in.skip(2);
    out.sequence = in.le32();
    in.skip(2);
    out.firmware_major = in.u8();
    out.firmware_minor = in.u8();
    in.skip(4);
    out.read_buffer = in.le16();
    out.write_buffer = in.le16();
    in.skip(10);
    if (!in.ok()) return malformed("the reply to the opening of IDE redirection is cut short");
    return out;
}

Result<IderFeatures> decode_features(View message) {
    Reader in(message);
    in.skip(4);
    IderFeatures out;
    out.sequence = in.le32();
    out.question = in.u8();
    if (!in.ok()) return malformed("a message about features is cut short");
    if (in.left() >= 4) out.value = in.le32();
    return out;
}

Result<IderCommand> decode_command(View message) {
    Reader in(message);
    in.skip(4);
    IderCommand out;
    out.sequence = in.le32();
    in.skip(1);
    out.dma = (in.u8() & attribute_dma) != 0;
    in.skip(2);
    out.byte_count = in.le16();
    out.drive = drive_of(in.u8());
    const std::uint8_t command = in.u8();
    const View cdb = in.bytes(out.cdb.size());
    if (!in.ok()) return malformed("a command of the host is cut short");
    if (command != command_packet) return malformed("a command of the host is no packet");
    std::ranges::copy(cdb, out.cdb.begin());
    return out;
}

Result<IderCommandEnd> decode_command_end(View message) {
    Reader in(message);
    in.skip(4);
    IderCommandEnd out;
    out.sequence = in.le32();
    in.skip(18);
    out.drive = drive_of(in.u8());
    const std::uint8_t status = in.u8();
    const Sense sense{in.u8(), in.u8(), in.u8()};
    if (!in.ok()) return malformed("the end of a command is cut short");
    if (status != status_good) out.sense = sense;
    return out;
}

Result<IderDataToHost> decode_data_to_host(View message) {
    Reader in(message);
    in.skip(3);
    IderDataToHost out;
    const std::uint8_t attributes = in.u8();
    out.dma = (attributes & attribute_dma) != 0;
    out.completed = (attributes & attribute_completed) != 0;
    out.sequence = in.le32();
    in.skip(1);
    out.size = in.le16();
    in.skip(7);
    out.drive = drive_of(in.u8());
    in.skip(15);
    if (!in.ok() || in.left() != out.size) return malformed("data to the host is cut short");
    return out;
}

Result<IderGetData> decode_get_data(View message) {
    Reader in(message);
    in.skip(4);
    IderGetData out;
    out.sequence = in.le32();
    in.skip(1);
    out.size = in.le16();
    in.skip(7);
    out.drive = drive_of(in.u8());
    in.skip(12);
    if (!in.ok()) return malformed("a wish for the host's data is cut short");
    return out;
}

Result<IderDataFromHost> decode_data_from_host(View message) {
    Reader in(message);
    in.skip(3);
    IderDataFromHost out;
    out.last = (in.u8() & attribute_completed) != 0;
    out.sequence = in.le32();
    in.skip(1);
    const std::uint16_t size = in.le16();
    in.skip(3);
    out.bytes = in.bytes(size);
    if (!in.ok()) return malformed("the host's data is cut short");
    return out;
}

}  // namespace oob::codec::redirection
