#pragma once

#include "fleet/runner.h"
#include "plane/device.h"

#include <optional>
#include <string>

namespace oob::power {

/// What one of the power verbs does; with neither an action nor a state to wait for it only looks.
struct Switching {
    std::optional<plane::PowerAction> action = {};
    std::optional<std::string> wait_for = {};
    bool close_sessions = false;
};

/// The device's power, or class unsupported.
plane::Power& power_of(plane::Device& device);

/// Ends redirection sessions when that was asked for, and says so in a warning. Both outlive the
/// task.
net::Task<void> make_way(plane::Power& power, bool close_sessions, fleet::Attempt& attempt);

/// Copies what the switch saw into the record, whatever became of the action.
void note(fleet::Attempt& attempt, const plane::PowerWatch& watch);

/// Both outlive the task.
net::Task<void> switch_power(plane::Device& device, Switching wish, fleet::Attempt& attempt);

}  // namespace oob::power
