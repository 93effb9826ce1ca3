#pragma once

#include "net/task.h"

#include <chrono>
#include <optional>
#include <string>

namespace oob::sol {

struct Replaying {
    std::string file;
    double speed = 1;
    std::optional<std::chrono::milliseconds> longest_pause;
};

/// Shows a recording on standard output in its own time. Throws Failure config.cast.
net::Task<void> replay(Replaying order);

}  // namespace oob::sol
