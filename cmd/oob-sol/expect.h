#pragma once

#include "fleet/runner.h"
#include "plane/device.h"
#include "script.h"
#include "terminal/keys.h"

#include <optional>
#include <vector>

namespace oob::sol {

/// A dialogue with a host that is written down.
struct Dialogue {
    std::vector<Step> steps;
    plane::ConsoleWish wish;
    terminal::Map map = terminal::Map::none;
    std::optional<plane::PowerAction> power;  ///< once the console is open
};

/// Runs the script on one console. `data.expect` of the record gets its result, where it ended, and
/// what matched. Fails with timeout.expect, verify.expect (the script says fail, or the device
/// ended the session), usage.expect (a variable that is not set). All outlive the task.
net::Task<void> expect(plane::Device& device, const Dialogue& dialogue, fleet::Attempt& attempt);

}  // namespace oob::sol
