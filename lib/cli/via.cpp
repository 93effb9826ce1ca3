#include "cli/via.h"

#include "core/text.h"
#include "net/socks5.h"

#include <optional>

namespace oob::cli {

namespace {

constexpr std::string_view socks5_prefix = "socks5:";

/// "host:port" or "[ipv6]:port".
std::optional<net::Endpoint> endpoint_of(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (host.empty() || (!bracketed && host.find_first_of(":[]@/") != std::string_view::npos))
        return std::nullopt;
    const auto port = parse_unsigned(text.substr(colon + 1));
    if (!port || *port == 0 || *port > 65535) return std::nullopt;
    return net::Endpoint{std::string(host), static_cast<std::uint16_t>(*port)};
}

}  // namespace

Result<net::Dial> dial_through(std::string_view spec, const net::DialOptions& options) {
    if (spec.starts_with(socks5_prefix)) {
        const auto proxy = endpoint_of(spec.substr(socks5_prefix.size()));
        if (proxy) return net::socks5(*proxy, net::direct(options), options.connect_timeout);
    } else if (spec.starts_with("ssh:") || spec.starts_with("cira:")) {
        return std::unexpected(
            Error(Class::unsupported, "unsupported.via",
                  join({"this version does not connect through ", spec.substr(0, spec.find(':'))}),
                  "use socks5:HOST:PORT; 'ssh -D PORT HOST' makes one"));
    }
    return std::unexpected(Error(Class::usage, "usage.via",
                                 join({"'", spec, "' names no way to the devices"}),
                                 "write socks5:HOST:PORT"));
}

}  // namespace oob::cli
