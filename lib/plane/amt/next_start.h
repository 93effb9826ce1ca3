#pragma once

#include "codec/wsman/instance.h"
#include "core/value.h"
#include "net/task.h"
#include "session/wsman_client.h"

#include <optional>
#include <string_view>

namespace oob::plane::amt {

/// The InstanceID of the one CIM_BootConfigSetting.
inline constexpr std::string_view boot_configuration = "Intel(r) AMT: Boot Configuration 0";

/// All that is read about the next start.
struct NextStart {
    codec::wsman::Members settings;
    std::optional<bool> armed;  ///< nothing when firmware does not tell

    /// False when firmware tells neither whether a start is armed nor whether options were used.
    bool told() const;
    /// What was set waits for the next start, which uses it up: it is gone afterwards.
    bool waiting() const;
    /// Nothing that somebody set waits for a start any more.
    bool used() const;
    bool pending() const;
    Value to_value() const;
};

/// AMT_BootSettingData, and CIM_ElementSettingData where firmware has it. `client` outlives it.
net::Task<NextStart> read_next_start(session::WsmanClient& client);

}  // namespace oob::plane::amt
