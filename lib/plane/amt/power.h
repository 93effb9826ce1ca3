#pragma once

#include "plane/device.h"
#include "session/wsman_client.h"

#include <cstdint>
#include <optional>
#include <string>

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
};

/// The power switch of a host with AMT: CIM_PowerManagementService and its association.
class PowerSwitch final : public plane::Power {
 public:
    /// `client` outlives this.
    explicit PowerSwitch(session::WsmanClient& client) : client_(client) {}

    net::Task<PowerReading> read() override;
    net::Task<void> apply(PowerAction action, std::chrono::milliseconds limit,
                          PowerWatch& watch) override;
    net::Task<std::string> plan(PowerAction action, PowerWatch& watch) override;

 private:
    net::Task<void> request(PowerState state);
    /// Reads until the host is `wanted` or the limit runs out.
    net::Task<void> reach(std::string wanted, std::chrono::milliseconds limit, PowerWatch& watch);
    /// Looks for proof that the host went down and came up again.
    struct Restart;
    net::Task<void> prove(Restart restart, std::chrono::milliseconds limit, PowerWatch& watch);
    /// What IPS_HostBootReason says of the last boot, "2 Reset"; nothing where firmware lacks the
    /// class (before 8).
    net::Task<std::optional<std::string>> boot_reason();

    session::WsmanClient& client_;
};

}  // namespace oob::plane::amt
