#pragma once

#include "net/stream.h"

#include <optional>
#include <string>

namespace oob::net {

/// Connects to a unix socket of a program of this user's or of root's. Throws Failure: usage.path
/// for a path that is too long, connect.local with the system's reason, forbidden.socket when
/// another user serves it.
Task<StreamPtr> connect_local(std::string path);

/// Whose process is at the other end of a unix socket: of the one that listens, its user when it
/// began to. Nothing when the system does not tell.
std::optional<unsigned> peer_user(int socket);
/// True for this process's own user and for root, who can do anything anyway.
bool is_own_user(std::optional<unsigned> user);

}  // namespace oob::net
