#pragma once

#include <string>
#include <string_view>

namespace oob::plane::discovery {

/// What tells of a controller's make; empty what is not known.
struct Traces {
    std::string_view server{};   ///< the Server header
    std::string_view subject{};  ///< of the TLS certificate, one line
    std::string_view oem{};      ///< a name below Oem in the root of Redfish
    std::string_view vendor{};   ///< the root's Vendor
    std::string_view banner{};   ///< of SSH
};

/// The kind that the traces point to, "ilo", "idrac", "openbmc" …; empty when they point to none
/// (reference discovery-posture, section 4.4).
std::string kind_of(const Traces& traces);

}  // namespace oob::plane::discovery
