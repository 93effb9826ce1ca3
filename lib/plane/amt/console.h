#pragma once

#include "plane/amt/power.h"
#include "plane/device.h"
#include "session/redirection_session.h"
#include "session/wsman_client.h"

#include <functional>

namespace oob::plane::amt {

/// Serial-over-LAN of a host with AMT.
class SerialConsole final : public plane::Console {
 public:
    using Connect = std::function<net::Task<net::StreamPtr>()>;

    /// `client` and `power` outlive this. `connect` reaches the redirection port, over TLS when
    /// `secured`.
    SerialConsole(session::WsmanClient& client, PowerSwitch& power,
                  session::RedirectionSession::Account account, bool secured, Connect connect);

    net::Task<std::unique_ptr<ConsoleLink>> open(ConsoleWish wish,
                                                 std::vector<std::string>& changed) override;

 private:
    session::WsmanClient& client_;
    PowerSwitch& power_;
    session::RedirectionSession::Account account_;
    bool secured_;
    Connect connect_;
};

}  // namespace oob::plane::amt
