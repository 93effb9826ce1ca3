#pragma once

#include "session/wsman_client.h"

#include <string>
#include <vector>

namespace oob::plane::amt {

/// The redirection sessions that somebody has open: "sol", "ider", "kvm". Firmware without the
/// classes tells of none. `client` outlives the task.
net::Task<std::vector<std::string>> open_sessions(session::WsmanClient& client);

/// Ends them. Returns what was open; class session_busy when one stays. `client` outlives the task.
net::Task<std::vector<std::string>> close_sessions(session::WsmanClient& client);

/// The same for a session that lends disks, and for no other.
net::Task<void> close_disk_session(session::WsmanClient& client);

}  // namespace oob::plane::amt
