#pragma once

#include "sim/model/behaviour.h"

namespace oob::sim {

/// What clients create for system defense and agent presence (reference wsman-classes, C11 and
/// C12): filters, policies, their associations with ports, watchdogs. They are kept and checked; no
/// packet is filtered.
const Feature& defense_feature();

}  // namespace oob::sim
