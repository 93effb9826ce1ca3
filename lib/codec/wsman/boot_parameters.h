#pragma once

#include "core/bytes.h"
#include "core/error.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

/// The parameter block of One-Click Recovery, UefiBootParametersArray (reference wsman, section
/// 8.3).
namespace oob::codec::wsman {

/// One entry. The types of vendor Intel are those of BootParameterType.
struct BootParameter {
    std::uint16_t vendor = 0x8086;
    std::uint16_t type = 0;
    Bytes value;

    friend bool operator==(const BootParameter&, const BootParameter&) = default;
};

enum class BootParameterType : std::uint16_t {
    url = 1,         ///< text, the address of a UEFI application
    sync_root = 20,  ///< one byte: 1 gives AMT's trusted roots to the BIOS
};

inline constexpr std::size_t longest_boot_url = 300;
inline constexpr std::size_t longest_boot_parameters = 1024;

/// Entries one behind the other, little-endian: vendor, type, length, value.
Bytes encode_boot_parameters(const std::vector<BootParameter>& parameters);

/// Errors: class `protocol`, code boot_parameters.short when an entry is cut, and
/// boot_parameters.too_long past 1024 bytes.
Result<std::vector<BootParameter>> decode_boot_parameters(View block);

/// What a start from `url` takes: the address, and AMT's trusted roots for its server. Errors:
/// class `usage`, code usage.boot_url, for what is no https address of at most 300 visible ASCII
/// characters.
Result<std::vector<BootParameter>> https_boot_parameters(std::string_view url);

}  // namespace oob::codec::wsman
