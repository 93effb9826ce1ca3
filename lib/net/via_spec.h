#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oob::net {

/// Where a bastion is and as whom to log in; what is missing comes from ~/.ssh/config, else the
/// local user and port 22.
struct SshPlace {
    std::optional<std::string> user;
    std::string host;
    std::optional<std::uint16_t> port;

    /// "[user@]host[:port]", IPv6 in brackets; nothing for a text that makes no sense.
    static std::optional<SshPlace> parse(std::string_view text);
    std::string text() const;
};

}  // namespace oob::net
