#pragma once

#include "session/wsman_client.h"

#include <cstdint>
#include <optional>

namespace oob::plane::amt {

/// True when the machine's user has to agree to boot options and has not done so (reference wsman,
/// section 4.7). `client` outlives the task.
net::Task<bool> consent_missing(session::WsmanClient& client);

/// Gets that agreement or fails with class consent. Without a `code`, or when it comes too late, a
/// code is put on the host's screen: consent.required. A wrong one is consent.wrong_code; a host
/// that is not on has no screen to show it: consent.host_off. `client` outlives the task.
net::Task<void> require_consent(session::WsmanClient& client, std::optional<std::uint32_t> code,
                                bool host_on);

}  // namespace oob::plane::amt
