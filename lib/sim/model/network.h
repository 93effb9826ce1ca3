#pragma once

#include "sim/model/behaviour.h"

namespace oob::sim {

/// Wired settings, 802.1X certificates and HTTP proxies (reference wsman-classes, C5).
const Feature& network_feature();

}  // namespace oob::sim
