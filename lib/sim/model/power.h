#pragma once

#include "sim/model/behaviour.h"

#include <chrono>
#include <optional>

namespace oob::sim {

/// The host's state, by the numbers of CIM_PowerManagementService (reference wsman-classes, C2).
enum class HostState : std::uint16_t { on = 2, sleep = 4, hibernate = 7, off = 8 };

/// Why the host last started (IPS_HostBootReason).
enum class BootCause : std::uint8_t { other = 1, remote = 2, alarm = 3 };

struct Power {
    struct Change {
        HostState target;
        bool boots;
        BootCause cause;
        std::string details;
        std::chrono::system_clock::time_point due;
        bool through_off = false;  ///< the host is seen off from the middle of the delay on
    };

    HostState state = HostState::on;
    std::chrono::milliseconds delay{0};
    std::optional<Change> pending;
    bool os_installed = true;
    bool os_up = true;
    bool os_saving = false;
    std::uint64_t starts = 0;  ///< how often the host has started since the device was made
    unsigned scheme = 0;       ///< the power package: index of the AMT_SystemPowerScheme
    BootCause cause = BootCause::other;
    std::string cause_details;
    unsigned previous_sleep = 0;  ///< S0 to S5, before the last start
};

/// True while an operating system runs that answers the firmware (LMS).
bool os_answers(const Machine& machine);
/// Lets `change` happen after the delay of the device.
void begin_change(Machine& machine, Power::Change change);
/// The host goes into `state` at once, as if somebody had pressed a button.
void force_state(Machine& machine, HostState state);

const Feature& power_feature();

}  // namespace oob::sim
