#pragma once

#include "plane/amt/power.h"
#include "plane/amt/redirection.h"
#include "plane/device.h"
#include "session/wsman_client.h"

namespace oob::plane::amt {

/// Serial-over-LAN of a host with AMT.
class SerialConsole final : public plane::Console {
 public:
    /// All outlive this.
    SerialConsole(session::WsmanClient& client, PowerSwitch& power, const RedirectionDoor& door)
        : client_(client), power_(power), door_(door) {}

    net::Task<std::unique_ptr<ConsoleLink>> open(ConsoleWish wish,
                                                 std::vector<std::string>& changed) override;
    net::Task<Value> status() override;

 private:
    session::WsmanClient& client_;
    PowerSwitch& power_;
    const RedirectionDoor& door_;
};

}  // namespace oob::plane::amt
