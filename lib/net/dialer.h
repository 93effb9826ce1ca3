#pragma once

#include "net/endpoint.h"
#include "net/stalled.h"
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

inline constexpr std::chrono::milliseconds usual_connect_timeout{3000};

struct DialOptions {
    Family family = Family::any;
    std::optional<std::string> bind;  ///< source address
    std::chrono::milliseconds connect_timeout = usual_connect_timeout;
    std::chrono::milliseconds write_limit = usual_write_limit;  ///< of a peer that takes nothing
};

/// Connects over TCP, trying each address of the name in turn; one time limit covers the look-up
/// and all of them. Throws Failure: resolve.timeout when the limit ended the look-up, else
/// timeout.connect; resolve.failed, resolve.family, usage.host, usage.bind; connect.refused,
/// connect.unreachable, connect.failed; and what this machine is short of: config.descriptors,
/// config.memory, config.ports, config.threads.
Dial direct(DialOptions options);

/// The addresses of a host, in the order in which they are tried. Throws Failure: resolve.timeout,
/// resolve.failed, resolve.family, usage.host, and what look_up() throws.
Task<std::vector<std::string>> resolve_host(
    std::string host, Family family, std::chrono::milliseconds limit = usual_connect_timeout);

/// As direct(), for a library that wants the descriptor of the connected socket; the caller closes
/// it.
Task<int> connect_tcp(Endpoint endpoint, DialOptions options);

}  // namespace oob::net
