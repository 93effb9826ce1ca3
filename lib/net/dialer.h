#pragma once

#include "net/endpoint.h"
#include "net/stream.h"
#include "net/task.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace oob::net {

/// Opens a connection to an endpoint, directly or through something.
using Dial = std::function<Task<StreamPtr>(Endpoint)>;

struct DialOptions {
    Family family = Family::any;
    std::optional<std::string> bind;  ///< source address
    std::chrono::milliseconds connect_timeout{3000};
};

/// Connects over TCP, trying each address of the name in turn within one time limit. Throws
/// Failure: resolve.failed, connect.refused, connect.unreachable, connect.failed, timeout.connect.
Dial direct(DialOptions options);

/// The addresses of a host, in the order in which they are tried. Throws Failure: resolve.failed,
/// resolve.family.
Task<std::vector<std::string>> resolve_host(std::string host, Family family);

/// As direct(), for a library that wants the descriptor of the connected socket; the caller closes
/// it.
Task<int> connect_tcp(Endpoint endpoint, DialOptions options);

}  // namespace oob::net
