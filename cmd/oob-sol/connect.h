#pragma once

#include "fleet/runner.h"
#include "plane/device.h"
#include "terminal/keys.h"

#include <chrono>
#include <optional>
#include <string>

namespace oob::sol {

struct Connecting {
    plane::ConsoleWish wish;
    bool exec = false;                     ///< standard input goes to the host, then the end
    std::chrono::milliseconds idle{1000};  ///< so long the host must be silent after that
    terminal::Map map = terminal::Map::none;
    std::optional<std::string> record;        ///< a file for an asciicast
    std::optional<std::string> log;           ///< a file for what the host says
    std::optional<plane::PowerAction> power;  ///< once the console is open
    bool may_ask = false;                     ///< for the consent code, on the terminal
    bool quiet = false;
};

/// Joins standard input and output with the console until the person, the device, or with `exec`
/// the end of the input ends it. Device and attempt outlive the task.
net::Task<void> connect(plane::Device& device, Connecting order, fleet::Attempt& attempt);

}  // namespace oob::sol
