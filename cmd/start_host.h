#pragma once

#include "fleet/interrupt.h"
#include "plane/device.h"

#include <chrono>
#include <string>

namespace oob::cmd {

/// The start of a host whose boot settings were set: restarts one that is on, starts any other. One
/// that sleeps would only resume, so it is switched off first. Nothing is sent once the run was
/// interrupted. `started` becomes true when the device accepted the start itself: from then on the
/// settings are the host's. All outlive the task. Throws what Power::apply() throws, and
/// interrupted.stopped.
net::Task<void> start_host(plane::Power& power, std::string state, std::chrono::milliseconds limit,
                           fleet::Interrupt& interrupt, plane::PowerWatch& watch, bool& started);

}  // namespace oob::cmd
