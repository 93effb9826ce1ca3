#pragma once

#include "core/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oob {

/// A host as somebody wrote it. Whether a text is a name, an address or neither is decided in
/// parse_host() alone, so that no two places can disagree about which machine is meant.
struct Host {
    enum class Kind { name, ipv4, ipv6 };

    Kind kind = Kind::name;
    std::string text;  ///< to be looked up or connected to; IPv6 without brackets, its zone after %
    std::string key;   ///< the same for all ways of writing this host, see host_key()
};

/// Reads a name, an IPv4 address (four decimal numbers without leading zeros) or an IPv6 address,
/// with or without brackets, whose zone stands behind `%` or, as in URLs (RFC 6874), `%25`. What
/// only looks like an address (127.1, 0x7f.1, 10.0.0.010, 2130706433), and what no DNS could hold,
/// is never a name. Error: class `usage`, code `usage.host`, in words that name what was written.
Result<Host> parse_host(std::string_view text);

struct HostAndPort {
    Host host;
    std::optional<std::uint16_t> port;
};

/// "host", "host:port", "[v6]:port", or IPv6 without brackets, which never has a port. Error: that
/// of parse_host(), the same for a port that is none.
Result<HostAndPort> parse_host_and_port(std::string_view text);

/// As parse_host(), for places where a name makes no sense: `usage.host` for one.
Result<Host> parse_address(std::string_view text);

/// What all ways of writing one host have in common: names in lower case and without the dot at
/// their end, addresses in their shortest form, IPv4 out of its mapped form. Text that is no host,
/// such as a name that people gave a device, is in lower case.
std::string host_key(std::string_view text);

/// Four decimal numbers without leading zeros, as one number; nothing for any other text.
std::optional<std::uint32_t> parse_ipv4(std::string_view text);
std::string format_ipv4(std::uint32_t address);

/// True when the system's resolver, or a person, might take the text for an IPv4 address or for
/// several: its numbers say so, whether they make sense or not.
bool looks_like_address(std::string_view text);

/// A word of somebody else's, fit for a message: short, without control characters.
std::string shown(std::string_view word);

}  // namespace oob
