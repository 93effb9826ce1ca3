#pragma once

#include "fleet/runner.h"
#include "plane/device.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace oob::power {

/// What `alarm list|add|delete` was asked for.
struct Waking {
    enum class Kind { list, add, remove };
    Kind kind = Kind::list;
    plane::Alarm alarm;  ///< delete needs its name only
};

/// Checks the words and options of the verb; `now` is what this machine's clock says. A time that
/// is past, or more than a year ahead, is refused before the device is asked, whose own clock may
/// say the same later. Error: class `usage`, codes usage.alarm, usage.alarm_time and
/// usage.duration.
Result<Waking> parse_alarm(
    std::string_view action, const std::optional<std::string>& name,
    const std::optional<std::string>& at, const std::optional<std::string>& every,
    std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

/// Both outlive the task.
net::Task<void> alarm(plane::Device& device, Waking order, fleet::Attempt& attempt);

}  // namespace oob::power
