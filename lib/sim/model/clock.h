#pragma once

#include "sim/model/behaviour.h"

#include <chrono>

namespace oob::sim {

/// AMT_TimeSynchronizationService and the alarm clock (reference wsman, sections 4.13 and 4.14).
struct Clock {
    std::chrono::seconds offset{0};  ///< the device's clock less the real time
    bool set_by_console = false;
    unsigned local_sync = 0;  ///< 0 default, 1 on, 2 off
    /// Up to when alarms have been dealt with, by the device's clock.
    std::chrono::system_clock::time_point looked_at;
};

const Feature& clock_feature();

}  // namespace oob::sim
