#pragma once

#include "core/bytes.h"
#include "core/error.h"

#include <cstdint>
#include <optional>
#include <string>

/// The server's side of the Network Block Device protocol: fixed newstyle negotiation and simple
/// replies (NetworkBlockDevice/nbd, doc/proto.md). Big-endian.
namespace oob::codec::nbd {

/// The longest option or request for data that is taken.
inline constexpr std::uint32_t most_option = 4096;
inline constexpr std::uint32_t most_request = 32U << 20U;

enum class Option : std::uint32_t {
    export_name = 1,
    abort = 2,
    list = 3,
    starttls = 5,
    info = 6,
    go = 7,
    structured_reply = 8,
};

enum class OptionReply : std::uint32_t {
    acknowledged = 1,
    server = 2,
    info = 3,
    unsupported = 0x80000001,
    invalid = 0x80000003,
    unknown = 0x80000006,
    too_big = 0x80000009,
};

enum class Command : std::uint16_t { read = 0, write = 1, disconnect = 2, flush = 3, trim = 4 };

// Errors of replies, by the numbers of Linux.
inline constexpr std::uint32_t error_permission = 1;
inline constexpr std::uint32_t error_io = 5;
inline constexpr std::uint32_t error_invalid = 22;

/// What a client may know of an export.
struct Export {
    std::uint64_t size = 0;
    bool read_only = true;
    std::uint32_t smallest = 512;  ///< bytes of a request, and its alignment
    std::uint32_t preferred = 65'536;
    friend bool operator==(const Export&, const Export&) = default;
};

struct OptionHead {
    Option option = Option::abort;
    std::uint32_t length = 0;  ///< of the data behind it
    friend bool operator==(const OptionHead&, const OptionHead&) = default;
};
inline constexpr std::size_t option_head_bytes = 16;

struct Request {
    Command command = Command::read;
    std::uint64_t cookie = 0;
    std::uint64_t offset = 0;
    std::uint32_t length = 0;
    friend bool operator==(const Request&, const Request&) = default;
};
inline constexpr std::size_t request_bytes = 28;
inline constexpr std::size_t client_flags_bytes = 4;

/// What the server says first.
Bytes greeting();
/// True when the client wants no padding behind an export. Error: class `protocol`,
/// code `nbd.flags` for a client that does not know the fixed negotiation.
Result<bool> decode_client_flags(View bytes);
/// Errors: class `protocol`, code `nbd.option`.
Result<OptionHead> decode_option(View head);
/// The name in the data of INFO and GO. Error: `nbd.option`.
Result<std::string> decode_info(View data);
Bytes encode_reply(Option option, OptionReply reply, View data = {});
/// The information that INFO and GO get, each as a reply of its own.
Bytes encode_info(Option option, const Export& what);
/// The answer to EXPORT_NAME, which ends the negotiation.
Bytes encode_export(const Export& what, bool no_zeroes);
/// Error: class `protocol`, code `nbd.request`.
Result<Request> decode_request(View bytes);
/// The head; the data of a read follow it.
Bytes encode_reply(std::uint64_t cookie, std::uint32_t error);

}  // namespace oob::codec::nbd
