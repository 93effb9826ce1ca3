#pragma once

#include "core/error.h"
#include "sim/device.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oob::sim {

/// The IPv4 addresses of a fleet; device numbers count from its first address.
class AddressRange {
 public:
    static constexpr unsigned shortest_prefix = 16;

    /// "127.77.0.0/24", or one address. Error: class `usage`, code `usage.listen`, also when bits
    /// below the prefix are set or the range is larger than a /16.
    static Result<AddressRange> parse(std::string_view text);

    /// The device's number; nothing for an address outside, or for what is none.
    std::optional<std::uint32_t> number(std::string_view address) const;
    std::string address(std::uint32_t number) const;
    std::uint32_t size() const { return size_; }
    std::string text() const;

 private:
    std::uint32_t first_ = 0;
    std::uint32_t size_ = 1;
    unsigned prefix_ = 32;
};

/// Everything that tells a device from others, worked out of its address alone.
Identity make_identity(const std::string& address, std::uint32_t number);

}  // namespace oob::sim
