#include "net/endpoint.h"

namespace oob::net {

std::string to_string(const Endpoint& endpoint) {
    const bool bare_ipv6 = endpoint.host.find(':') != std::string::npos;
    const std::string host = bare_ipv6 ? "[" + endpoint.host + "]" : endpoint.host;
    return host + ":" + std::to_string(endpoint.port);
}

}  // namespace oob::net
