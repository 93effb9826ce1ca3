#pragma once

#include "codec/wsman/instance.h"
#include "plane/amt/next_start.h"
#include "plane/amt/power.h"
#include "plane/device.h"
#include "session/wsman_client.h"

#include <optional>
#include <string>

namespace oob::plane::amt {

/// The next start of a host with AMT: AMT_BootSettingData, CIM_BootConfigSetting and
/// CIM_BootService (reference wsman, section 4.3).
class BootControl final : public plane::Boot {
 public:
    /// Both outlive this. `secured`: the connection is TLS, without which there is no https start.
    BootControl(session::WsmanClient& client, PowerSwitch& power, bool secured)
        : client_(client), power_(power), secured_(secured) {}

    net::Task<Value> read() override;
    net::Task<void> set(BootWish wish, BootWatch& watch) override;
    net::Task<std::string> plan(BootWish wish, BootWatch& watch) override;
    net::Task<void> clear(BootWatch& watch) override;
    net::Task<void> settle(std::chrono::milliseconds limit, BootWatch& watch) override;

 private:
    /// The state before, when the machine can do what is wished.
    net::Task<NextStart> check(BootWish wish, BootWatch& watch);
    /// What a start over https takes besides its capability (reference wsman, section 4.5).
    net::Task<void> check_https(BootWish wish, codec::wsman::Members settings);
    /// ChangeBootOrder; an empty source takes the last one away.
    net::Task<void> change_order(std::string source);
    net::Task<void> set_role(std::string role);
    net::Task<void> put(codec::wsman::Members settings);
    /// Fails with verify.boot when what is read back differs from `put`.
    net::Task<void> read_back(codec::wsman::Members put, bool armed, BootWatch& watch);

    session::WsmanClient& client_;
    PowerSwitch& power_;
    bool secured_;
};

}  // namespace oob::plane::amt
