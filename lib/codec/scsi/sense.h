#pragma once

#include <cstdint>

namespace oob::codec::scsi {

/// Why a command failed: sense key, additional sense code and its qualifier (SPC-4, section 4.5);
/// a key of zero is no failure.
struct Sense {
    std::uint8_t key = 0;
    std::uint8_t code = 0;
    std::uint8_t qualifier = 0;
    friend bool operator==(const Sense&, const Sense&) = default;
};

inline constexpr Sense no_medium{0x02, 0x3a, 0x00};
inline constexpr Sense unreadable{0x03, 0x11, 0x00};
inline constexpr Sense unwritable{0x03, 0x0c, 0x00};
inline constexpr Sense unknown_command{0x05, 0x20, 0x00};
inline constexpr Sense out_of_range{0x05, 0x21, 0x00};
inline constexpr Sense invalid_field{0x05, 0x24, 0x00};
inline constexpr Sense wrong_medium{0x05, 0x30, 0x02};
inline constexpr Sense nothing_saved{0x05, 0x39, 0x00};
inline constexpr Sense medium_changed{0x06, 0x28, 0x00};
inline constexpr Sense was_reset{0x06, 0x29, 0x00};
inline constexpr Sense write_protected{0x07, 0x27, 0x00};
inline constexpr Sense aborted{0x0b, 0x00, 0x00};

}  // namespace oob::codec::scsi
