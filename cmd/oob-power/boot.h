#pragma once

#include "fleet/runner.h"
#include "plane/device.h"

#include <optional>
#include <string>
#include <string_view>

namespace oob::power {

/// How the host gets to its next start.
enum class Start { later, reset, on };

/// What `boot DEVICE` was asked for.
struct Booting {
    enum class Kind { show, clear, set };
    Kind kind = Kind::show;
    std::string word = {};  ///< the device as the user wrote it
    plane::BootWish wish = {};
    Start start = Start::later;
    bool close_sessions = false;
};

/// A device to start from: "pxe", "disk:2". Error: class `usage`, code usage.boot_device.
Result<Booting> parse_boot(std::string_view word);

/// Both outlive the task.
net::Task<void> boot(plane::Device& device, Booting order, fleet::Attempt& attempt);

}  // namespace oob::power
