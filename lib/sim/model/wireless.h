#pragma once

#include "sim/model/behaviour.h"

namespace oob::sim {

/// The radio: CIM_WiFiPort and AMT_WiFiPortConfigurationService (reference wsman-classes, C5).
/// Profiles are in the store.
struct Wireless {
    std::uint32_t port_state = 3;  ///< 3 off, 32768 in S0, 32769 in S0 and Sx with AC power
};

const Feature& wireless_feature();

}  // namespace oob::sim
