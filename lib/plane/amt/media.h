#pragma once

#include "plane/amt/power.h"
#include "plane/amt/redirection.h"
#include "plane/device.h"
#include "session/redirection_session.h"
#include "session/wsman_client.h"

#include <functional>

namespace oob::plane::amt {

/// IDE redirection, or USB-R as newer firmware calls it: disks for a host with AMT.
class DiskRedirection final : public plane::Media {
 public:
    using Connect = std::function<net::Task<net::StreamPtr>()>;

    /// `client` and `power` outlive this, and this the links. `connect` reaches the redirection
    /// port, over TLS when `secured`.
    DiskRedirection(session::WsmanClient& client, PowerSwitch& power,
                    session::RedirectionSession::Account account, bool secured, Connect connect)
        : client_(client),
          power_(power),
          account_(std::move(account)),
          secured_(secured),
          connect_(std::move(connect)) {}

    net::Task<std::unique_ptr<MediaLink>> mount(MediaWish wish,
                                                std::vector<std::string>& changed) override;
    net::Task<Value> status() override;
    net::Task<bool> stop() override;
    net::Task<void> restore() override;

 private:
    session::WsmanClient& client_;
    PowerSwitch& power_;
    session::RedirectionSession::Account account_;
    bool secured_;
    Connect connect_;
    std::optional<RedirectionState> before_;  // until it is restored
};

}  // namespace oob::plane::amt
