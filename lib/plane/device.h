#pragma once

#include "core/facts.h"
#include "core/value.h"
#include "net/task.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// What a machine can do, whatever it is managed by. A capability is one small interface; a Device
/// hands out a pointer, null when its plane cannot.
namespace oob::plane {

enum class PowerAction { on, off, cycle, reset };

/// The power of a host as the plane reports it.
struct PowerReading {
    std::string power;  ///< "on", "off", "sleep", "hibernate", "unknown"
    Value native;       ///< the plane's own number

    /// {"power":"on","power_state":2} as the record's state shows it.
    Value to_value() const;
};

/// What a power action saw and did; filled as it goes, so that a failure loses nothing.
struct PowerWatch {
    std::optional<PowerReading> before;
    std::optional<PowerReading> after;
    bool sent = false;      ///< the device accepted the change
    bool verified = false;  ///< the wanted state was read back
    std::string warning;    ///< what could not be found out; empty when there is nothing to say
};

class Power {
 public:
    virtual ~Power() = default;
    virtual net::Task<PowerReading> read() = 0;
    /// Switches, then reads the state until it is reached or `limit` runs out (verify.power). Does
    /// nothing when the host is there already. `watch` outlives the call.
    virtual net::Task<void> apply(PowerAction action, std::chrono::milliseconds limit,
                                  PowerWatch& watch) = 0;
    /// What apply() would do now, in words, from the real state; nothing is changed. Empty: nothing
    /// to do.
    virtual net::Task<std::string> plan(PowerAction action, PowerWatch& watch) = 0;
};

class Device {
 public:
    virtual ~Device() = default;
    /// Reads who the device is into the findings it was opened with.
    virtual net::Task<void> identify() = 0;
    virtual Power* power() { return nullptr; }
};

using DevicePtr = std::unique_ptr<Device>;

}  // namespace oob::plane
