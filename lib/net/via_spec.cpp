#include "net/via_spec.h"

#include "core/host.h"
#include "core/text.h"

namespace oob::net {

namespace {

constexpr std::string_view socks5_prefix = "socks5:";
constexpr std::string_view ssh_prefix = "ssh:";
constexpr std::string_view cira_prefix = "cira:";

/// What stands in front of an @ may hold a password, so it is not repeated.
std::unexpected<Error> bad_via(std::string_view spec, const Error& why) {
    const auto at = spec.rfind('@');
    const std::string word =
        at == std::string_view::npos ? shown(spec) : "...@" + shown(spec.substr(at + 1));
    return std::unexpected(Error(Class::usage, "usage.via",
                                 join({"'", word, "' names no way to the devices: ", why.message}),
                                 "write ssh:[USER@]HOST[:PORT] or socks5:HOST:PORT"));
}

/// IPv6 has brackets here also when there is no port, because a reader would look for one.
Result<HostAndPort> parse_place(std::string_view text) {
    auto place = parse_host_and_port(text);
    if (place && place->host.kind == Host::Kind::ipv6 && !text.starts_with('['))
        return std::unexpected(Error(Class::usage, "usage.host",
                                     "IPv6 stands in brackets: " + shown(text),
                                     "[2001:db8::1]:22"));
    return place;
}

Result<Endpoint> parse_proxy(std::string_view text) {
    auto place = parse_place(text);
    if (!place) return std::unexpected(std::move(place).error());
    if (!place->port)
        return std::unexpected(
            Error(Class::usage, "usage.host", "the proxy has no port", "socks5:HOST:PORT"));
    return Endpoint{std::move(place->host.text), *place->port};
}

}  // namespace

Result<SshPlace> SshPlace::parse(std::string_view text) {
    SshPlace out;
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        out.user = text.substr(0, at);
        text.remove_prefix(at + 1);
        if (out.user->empty() || out.user->contains(':'))
            return std::unexpected(Error(Class::usage, "usage.host",
                                         "no user name stands before the @", "ssh:USER@HOST"));
    }
    auto place = parse_place(text);
    if (!place) return std::unexpected(std::move(place).error());
    out.host = std::move(place->host.text);
    out.port = place->port;
    return out;
}

std::string SshPlace::text() const {
    std::string out = user ? *user + "@" : std::string();
    out += host.contains(':') ? join({"[", host, "]"}) : host;
    if (port) out += join({":", std::to_string(*port)});
    return out;
}

Result<ViaSpec> parse_via(std::string_view spec) {
    if (spec.starts_with(socks5_prefix)) {
        auto proxy = parse_proxy(spec.substr(socks5_prefix.size()));
        if (!proxy) return bad_via(spec, proxy.error());
        return *std::move(proxy);
    }
    if (spec.starts_with(ssh_prefix)) {
        auto place = SshPlace::parse(spec.substr(ssh_prefix.size()));
        if (!place) return bad_via(spec, place.error());
        return *std::move(place);
    }
    if (spec.starts_with(cira_prefix))
        return std::unexpected(Error(Class::unsupported, "unsupported.via",
                                     "this version does not connect through cira",
                                     "use ssh:[USER@]HOST[:PORT] or socks5:HOST:PORT"));
    return bad_via(spec, Error(Class::usage, "usage.via", "it is neither ssh: nor socks5:"));
}

}  // namespace oob::net
