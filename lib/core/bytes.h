#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace oob {

using Bytes = std::vector<std::byte>;
using View = std::span<const std::byte>;

/// The bytes of a text, and the text of bytes; nothing is copied.
inline View as_view(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string_view as_text(View bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Reads numbers off the front of a buffer. Past the end it yields zero and remembers it, so a
/// decoder asks ok() once, after the last field.
class Reader {
 public:
    explicit Reader(View bytes) : rest_(bytes) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(integer(1, true)); }
    std::uint16_t be16() { return static_cast<std::uint16_t>(integer(2, true)); }
    std::uint32_t be32() { return static_cast<std::uint32_t>(integer(4, true)); }
    std::uint64_t be64() { return integer(8, true); }
    std::uint16_t le16() { return static_cast<std::uint16_t>(integer(2, false)); }
    std::uint32_t le32() { return static_cast<std::uint32_t>(integer(4, false)); }
    /// The next `count` bytes; empty when fewer are left.
    View bytes(std::size_t count);
    void skip(std::size_t count) { bytes(count); }

    bool ok() const { return ok_; }
    std::size_t left() const { return rest_.size(); }

 private:
    std::uint64_t integer(std::size_t width, bool big_endian);

    View rest_;
    bool ok_ = true;
};

/// Appends numbers to a buffer.
class Writer {
 public:
    Writer& u8(std::uint8_t value) { return integer(value, 1, true); }
    Writer& be16(std::uint16_t value) { return integer(value, 2, true); }
    Writer& be32(std::uint32_t value) { return integer(value, 4, true); }
    Writer& be64(std::uint64_t value) { return integer(value, 8, true); }
    Writer& le16(std::uint16_t value) { return integer(value, 2, false); }
    Writer& le32(std::uint32_t value) { return integer(value, 4, false); }
    Writer& bytes(View value);

    Bytes take() { return std::move(out_); }

 private:
    Writer& integer(std::uint64_t value, std::size_t width, bool big_endian);

    Bytes out_;
};

}  // namespace oob
