#pragma once

#include "plane/device.h"

#include <chrono>
#include <functional>
#include <string>

namespace oob::cmd {

/// The start of a host whose boot settings were set: restarts one that is on, starts any other. One
/// that sleeps would only resume, so it is switched off first. `check` is awaited before each of
/// the two, and throws when the host shall not be started any more. `started` is true from just
/// before the start is sent: from then on the settings are the host's, unless the device refuses.
/// All outlive the task. Throws what Power::apply() and `check` throw.
net::Task<void> start_host(plane::Power& power, std::string state, std::chrono::milliseconds limit,
                           std::function<net::Task<void>()> check, plane::PowerWatch& watch,
                           bool& started);

}  // namespace oob::cmd
