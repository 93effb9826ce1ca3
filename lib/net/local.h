#pragma once

#include "net/stream.h"

#include <string>

namespace oob::net {

/// Connects to a unix socket. Throws Failure: usage.path for a path that is too long,
/// connect.local with the system's reason.
Task<StreamPtr> connect_local(std::string path);

}  // namespace oob::net
