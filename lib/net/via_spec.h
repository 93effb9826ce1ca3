#pragma once

#include "core/error.h"
#include "net/endpoint.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace oob::net {

/// Where a bastion is and as whom to log in; what is missing comes from ~/.ssh/config, else the
/// local user and port 22.
struct SshPlace {
    std::optional<std::string> user;
    std::string host;
    std::optional<std::uint16_t> port;

    /// "[user@]host[:port]", IPv6 in brackets. Error: class `usage`, code `usage.host`.
    static Result<SshPlace> parse(std::string_view text);
    std::string text() const;
};

/// A way to devices: a SOCKS5 proxy, or an SSH host.
using ViaSpec = std::variant<Endpoint, SshPlace>;

/// "socks5:HOST:PORT" or "ssh:[USER@]HOST[:PORT]", IPv6 in brackets, as --via, targets and the
/// inventory name it. Errors: `usage.via` for a text that makes no sense, `unsupported.via` for a
/// way that this version does not have.
Result<ViaSpec> parse_via(std::string_view spec);

}  // namespace oob::net
