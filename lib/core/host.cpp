#include "core/host.h"

#include "core/text.h"

namespace oob {

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
    const auto parts = split(text, '.');
    if (parts.size() != 4) return std::nullopt;
    std::uint32_t address = 0;
    for (const auto part : parts) {
        const auto number = parse_unsigned(part);
        if (!number || *number > 255 || part.size() > 3) return std::nullopt;
        address = address << 8 | static_cast<std::uint32_t>(*number);
    }
    return address;
}

std::string format_ipv4(std::uint32_t address) {
    return join({std::to_string(address >> 24), ".", std::to_string(address >> 16 & 255), ".",
                 std::to_string(address >> 8 & 255), ".", std::to_string(address & 255)});
}

}  // namespace oob
