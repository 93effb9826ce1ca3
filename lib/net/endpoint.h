#pragma once

#include <cstdint>
#include <string>

namespace oob::net {

enum class Family { any, ipv4, ipv6 };

/// Where to connect: a name or an address (IPv6 without brackets), and a port.
struct Endpoint {
    std::string host;
    std::uint16_t port = 0;

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// "host:port", IPv6 in brackets.
std::string to_string(const Endpoint& endpoint);

}  // namespace oob::net
