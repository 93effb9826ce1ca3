#pragma once

#include "core/value.h"
#include "plane/amt/power.h"
#include "session/redirection_session.h"
#include "session/wsman_client.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace oob::plane::amt {

/// The bits of AMT_RedirectionService's states (reference redirection, section 1.3).
enum class RedirectedKind : std::uint8_t { ider = 1, sol = 2 };

/// What AMT_RedirectionService says.
struct RedirectionState {
    bool listener = false;  ///< the port is open
    std::uint64_t kinds = 0;
    bool has(RedirectedKind kind) const { return (kinds & static_cast<std::uint64_t>(kind)) != 0; }
};

net::Task<RedirectionState> redirection_state(session::WsmanClient& client);

/// {"enabled","listener","session"} of one kind, for people. `client` outlives the task.
net::Task<Value> redirection_status(session::WsmanClient& client, RedirectedKind kind);

/// Puts the service into that state and reads it back (verify.redirection).
/// `client` outlives the task.
net::Task<void> set_redirection(session::WsmanClient& client, RedirectionState state);

/// Opens redirection connections to one device.
struct RedirectionDoor {
    session::RedirectionSession::Account account;
    session::Door* changes = nullptr;                   ///< what a session passes; outlives it
    std::function<net::Task<session::Peer>()> connect;  ///< reaches the redirection port
};

/// A session that has logged in. A device that is busy is asked once more after a moment: it may
/// not have noticed yet that the session before has ended. The door outlives the task. Throws what
/// RedirectionSession::open() and `connect` throw.
net::Task<session::RedirectionSession> open_redirection(const RedirectionDoor& door,
                                                        codec::redirection::Protocol protocol);

/// What may have to be done before a redirection session can be opened.
struct Clearing {
    RedirectedKind kind = RedirectedKind::sol;
    bool enable = false;
    bool close_sessions = false;
    std::optional<std::uint32_t> consent_code;
};

/// Switches on what is off (read back: verify.redirection), ends the sessions of others, gets the
/// consent of the machine's user; each only as far as it is wished and needed. `changed` gets a
/// sentence for each change. All of them outlive the task. Throws Failure: session_busy, consent.*,
/// verify.redirection, and those of the client.
net::Task<void> clear_the_way(session::WsmanClient& client, PowerSwitch& power, Clearing clearing,
                              std::vector<std::string>& changed);

}  // namespace oob::plane::amt
