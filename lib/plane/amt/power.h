#pragma once

#include "plane/amt/power_step.h"
#include "plane/device.h"
#include "session/wsman_client.h"

#include <optional>
#include <string>
#include <vector>

namespace oob::plane::amt {

class RestartWitness;

/// The power switch of a host with AMT: CIM_PowerManagementService and its association, and
/// IPS_PowerManagementService for the operating system's standby.
class PowerSwitch final : public plane::Power {
 public:
    /// `client` outlives this.
    explicit PowerSwitch(session::WsmanClient& client) : client_(client) {}

    net::Task<PowerReading> read() override;
    net::Task<void> apply(PowerAction action, std::chrono::milliseconds limit,
                          PowerWatch& watch) override;
    net::Task<std::string> plan(PowerAction action, PowerWatch& watch) override;
    net::Task<void> wait(std::string wanted, std::chrono::milliseconds limit,
                         PowerWatch& watch) override;
    net::Task<std::vector<std::string>> close_sessions() override;

 private:
    /// The hardware's state alone, and what may be asked for.
    net::Task<Survey> survey_hardware();
    net::Task<Survey> survey();
    /// OSPowerSavingState as a word; nothing where firmware lacks the class (before 11).
    net::Task<std::optional<std::string>> read_saving();
    /// The step from the real state; fails when it cannot be done.
    net::Task<Step> decide(PowerAction action, PowerWatch& watch);
    /// Sends what the step asks for; a refusal says why.
    net::Task<void> request(Step step, std::string power);
    /// Reads until the step's state is there or the limit runs out.
    net::Task<void> reach(Step step, std::chrono::milliseconds limit, PowerWatch& watch);
    /// Looks for proof that the host went down and came up again, as long as any can come.
    net::Task<void> prove(Step step, std::chrono::milliseconds limit, RestartWitness& witness,
                          PowerWatch& watch);
    /// Fails with `error`, or with session_busy when an open redirection session explains a change
    /// that did not happen.
    net::Task<void> blame(Step step, Error error);

    session::WsmanClient& client_;
};

}  // namespace oob::plane::amt
