#pragma once

#include "core/error.h"
#include "plane/device.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a power action asks of the firmware: decided from the real state, without a byte sent.
namespace oob::plane::amt {

/// CIM power states that AMT reports or takes (reference wsman-classes, C2).
enum class PowerState : std::uint16_t {
    on = 2,
    sleep_light = 3,
    sleep_deep = 4,
    cycle_soft = 5,
    off_hard = 6,
    hibernate = 7,
    off_soft = 8,
    reset = 10,
    interrupt = 11,
    off_graceful = 12,
    reset_graceful = 14,
};

/// OSPowerSavingState of IPS_PowerManagementService.
enum class SavingState : std::uint16_t { unknown = 0, unsupported = 1, full = 2, saving = 3 };

/// What the device says of its power before anything is tried.
struct Survey {
    PowerReading reading;
    /// AvailableRequestedPowerStates: what may be asked for now; empty before AMT 9.
    std::vector<std::uint64_t> offered = {};

    bool offers(PowerState state) const;
};

struct Step {
    std::optional<PowerState> request = std::nullopt;  ///< none: there already, or `saving`
    std::optional<SavingState> saving = std::nullopt;  ///< asked of the operating system instead
    std::string_view wanted = "on";                    ///< the power to read back
    std::string_view words = {};                       ///< for a plan; empty: nothing to do
    std::string_view restart_reason = {};  ///< the boot reason it leaves, when the host stays on
    bool needs_os = false;  ///< an operating system with Intel's LMS has to take part

    bool nothing() const { return !request && !saving; }
    /// Firmware refuses these while a redirection session is open (reference wsman-classes, C2).
    bool cuts_power() const { return wanted == "off" || request == PowerState::cycle_soft; }
};

/// The word for a CIM power state: "on", "sleep", "hibernate", "off", "unknown".
std::string_view power_word(std::uint64_t state);
/// "full", "saving", "unsupported"; nothing for a number that says nothing.
std::optional<std::string> saving_word(std::uint64_t state);

/// Class precondition, code power.not_on or power.asleep, when the action makes no sense now.
Result<Step> step_for(PowerAction action, const Survey& survey);

/// Why a state that the firmware does not offer now cannot be asked for. `supported` is what the
/// machine can do at all, RequestedPowerStatesSupported; empty when it does not tell. Nothing when
/// it is worth trying.
std::optional<Error> objection(const Step& step, const Survey& survey,
                               const std::vector<std::uint64_t>& supported);

/// What a ReturnValue other than 0 of RequestPowerStateChange means (reference wsman-classes, C2).
/// `sessions` are the redirection sessions that are open.
Error refusal(const Step& step, std::string_view power, std::uint32_t return_value,
              const std::vector<std::string>& sessions);
/// Class session_busy, code session_busy.redirection.
Error session_busy(const std::vector<std::string>& sessions);
/// Class verify, code verify.power.
Error not_reached(std::string_view wanted, const PowerReading& found);
/// Class verify, code verify.restart. `reason` is what the last start was, before and still.
Error not_restarted(const std::optional<std::string>& reason);

}  // namespace oob::plane::amt
