#include "core/facts.h"

namespace oob {

bool is_identity(std::string_view uuid) {
    return uuid.find_first_not_of("0-") != std::string_view::npos &&
           uuid.find_first_not_of("fF-") != std::string_view::npos;
}

std::optional<std::string> DeviceFacts::id() const {
    if (uuid && is_identity(*uuid)) return protocol + ":" + *uuid;
    if (mac) return protocol + ":" + *mac;
    return std::nullopt;
}

std::optional<std::string> DeviceFacts::id_quality() const {
    if (uuid && is_identity(*uuid)) return "strong";
    if (mac) return "weak";
    return std::nullopt;
}

}  // namespace oob
