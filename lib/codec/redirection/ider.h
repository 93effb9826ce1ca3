#pragma once

#include "codec/redirection/code.h"
#include "codec/scsi/command.h"
#include "codec/scsi/layout.h"
#include "core/error.h"

#include <array>
#include <cstdint>
#include <optional>

/// IDE redirection: the device forwards the host's disk commands, the client is the drive
/// (reference redirection, chapter 4). Decoders get one whole message out of a Framer.
namespace oob::codec::redirection {

/// The most that a message carries, in both directions; clients accept no other value.
inline constexpr std::uint16_t ider_buffer = 8192;

using Drive = scsi::DriveKind;
using Sense = scsi::Sense;

struct IderOpen {
    std::uint32_t sequence = 0;
    std::uint16_t receive_timeout = 30'000;  ///< milliseconds, as all times here
    std::uint16_t transmit_timeout = 0;
    std::uint16_t heartbeat = 20'000;
    friend bool operator==(const IderOpen&, const IderOpen&) = default;
};

struct IderOpenReply {
    std::uint8_t status = 0;
    std::uint32_t sequence = 0;
    std::uint8_t firmware_major = 0;
    std::uint8_t firmware_minor = 0;
    std::uint16_t read_buffer = ider_buffer;   ///< the largest piece to the host
    std::uint16_t write_buffer = ider_buffer;  ///< and from it
    friend bool operator==(const IderOpenReply&, const IderOpenReply&) = default;
};

/// What to do about the drives (section 4.5).
enum class FeatureQuestion : std::uint8_t { supported = 1, state = 2, set = 3 };
inline constexpr std::uint32_t feature_enable = 0x01;
inline constexpr std::uint32_t feature_on_reboot = 0x08;
inline constexpr std::uint32_t feature_graceful = 0x10;
inline constexpr std::uint32_t feature_now = 0x18;
inline constexpr std::uint32_t feature_when = 0x18;  ///< the bits that say when

struct IderFeatures {
    std::uint32_t sequence = 0;
    std::uint8_t question = 0;  ///< FeatureQuestion, or what a peer made of it
    std::uint32_t value = 0;    ///< of `set` and of replies
    friend bool operator==(const IderFeatures&, const IderFeatures&) = default;
};

/// A command of the host: always PACKET with twelve bytes.
struct IderCommand {
    std::uint32_t sequence = 0;
    Drive drive = Drive::cd;
    bool dma = false;
    std::uint16_t byte_count = 0xfffe;
    scsi::Cdb cdb{};
    friend bool operator==(const IderCommand&, const IderCommand&) = default;
};

/// The end of a command that carries no data to the host.
struct IderCommandEnd {
    std::uint32_t sequence = 0;
    Drive drive = Drive::cd;
    Sense sense{};  ///< a key of zero is success
    friend bool operator==(const IderCommandEnd&, const IderCommandEnd&) = default;
};

/// The head of a piece of data to the host; the bytes follow it.
struct IderDataToHost {
    std::uint32_t sequence = 0;
    Drive drive = Drive::cd;
    bool dma = false;
    bool completed = false;  ///< the last piece of the command
    std::uint16_t size = 0;
    friend bool operator==(const IderDataToHost&, const IderDataToHost&) = default;
};
inline constexpr std::size_t ider_data_head = 34;

/// A client's wish for the next piece of what the host writes.
struct IderGetData {
    std::uint32_t sequence = 0;
    Drive drive = Drive::floppy;
    std::uint16_t size = 0;
    friend bool operator==(const IderGetData&, const IderGetData&) = default;
};

struct IderDataFromHost {
    std::uint32_t sequence = 0;
    bool last = false;
    View bytes;  ///< part of the message
};

Bytes encode(const IderOpen& message);
Bytes encode(const IderOpenReply& message);
/// As a client asks, and as a device replies.
Bytes encode_features(const IderFeatures& message);
Bytes encode_features_reply(const IderFeatures& message);
Bytes encode_reset_occurred(std::uint32_t sequence, std::uint8_t mask);
Bytes encode_error_occurred(std::uint32_t sequence, std::uint8_t error);
Bytes encode(const IderCommand& message);
Bytes encode(const IderCommandEnd& message);
/// The head alone, so that the bytes need not be copied.
std::array<std::byte, ider_data_head> encode_head(const IderDataToHost& message);
Bytes encode(const IderGetData& message);
Bytes encode(const IderDataFromHost& message);

/// Errors: class `protocol`, code `redirection.malformed`.
Result<IderOpen> decode_ider_open(View message);
Result<IderOpenReply> decode_ider_open_reply(View message);
/// Of both directions.
Result<IderFeatures> decode_features(View message);
Result<IderCommand> decode_command(View message);
Result<IderCommandEnd> decode_command_end(View message);
Result<IderDataToHost> decode_data_to_host(View message);
Result<IderGetData> decode_get_data(View message);
Result<IderDataFromHost> decode_data_from_host(View message);

}  // namespace oob::codec::redirection
