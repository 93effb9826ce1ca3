#pragma once

#include "plane/amt/power.h"
#include "plane/amt/redirection.h"
#include "plane/device.h"
#include "session/wsman_client.h"

#include <optional>

namespace oob::plane::amt {

/// IDE redirection, or USB-R as newer firmware calls it: disks for a host with AMT.
class DiskRedirection final : public plane::Media {
 public:
    /// All outlive this, and this the links.
    DiskRedirection(session::WsmanClient& client, PowerSwitch& power, const RedirectionDoor& door)
        : client_(client), power_(power), door_(door) {}

    net::Task<std::unique_ptr<MediaLink>> mount(MediaWish wish,
                                                std::vector<std::string>& changed) override;
    net::Task<Value> status() override;
    net::Task<bool> stop() override;
    net::Task<void> restore() override;

 private:
    session::WsmanClient& client_;
    PowerSwitch& power_;
    const RedirectionDoor& door_;
    std::optional<RedirectionState> before_;  // until it is restored
};

}  // namespace oob::plane::amt
