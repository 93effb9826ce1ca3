#pragma once

#include "plane/device.h"

#include <optional>
#include <string>
#include <string_view>

namespace oob::sol {

/// "on", "off", "cycle", "reset"; nothing for another word.
std::optional<plane::PowerAction> power_action(std::string_view word);

/// What switch_power() would do now, in words; nothing is changed. The device outlives the task.
net::Task<std::string> plan_power(plane::Device& device, plane::PowerAction action);

/// Switches a host while its console is open. AMT does not cut the power then: a cycle becomes a
/// reset. Returns what happened, in words for people. The device outlives the task. Throws what
/// the plane's power throws.
net::Task<std::string> switch_power(plane::Device& device, plane::PowerAction action);

}  // namespace oob::sol
