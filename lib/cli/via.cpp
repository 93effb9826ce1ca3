#include "cli/via.h"

#include "cli/prompt.h"
#include "core/text.h"
#include "net/deadline.h"
#include "net/socks5.h"

#include <optional>

namespace oob::cli {

namespace {

constexpr std::string_view socks5_prefix = "socks5:";
constexpr std::string_view ssh_prefix = "ssh:";
constexpr std::string_view cira_prefix = "cira:";

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

Result<net::Dial> Ways::dial(std::string_view spec) {
    if (spec.starts_with(socks5_prefix)) {
        const auto proxy = endpoint_of(spec.substr(socks5_prefix.size()));
        if (proxy) return net::socks5(*proxy, net::direct(options_), options_.connect_timeout);
    } else if (spec.starts_with(ssh_prefix)) {
        if (const auto place = net::SshPlace::parse(spec.substr(ssh_prefix.size()))) {
            auto& bastion = bastions_[place->text()];
            if (!bastion) {
                net::SshOptions options{options_, nullptr};
                if (may_ask_) options.ask = ask_on_terminal;
                bastion = std::make_unique<net::SshBastion>(*place, std::move(options));
            }
            return [bastion = bastion.get()](net::Endpoint endpoint) {
                return bastion->open(std::move(endpoint));
            };
        }
    } else if (spec.starts_with(cira_prefix)) {
        return std::unexpected(Error(Class::unsupported, "unsupported.via",
                                     "this version does not connect through cira",
                                     "use ssh:[USER@]HOST[:PORT] or socks5:HOST:PORT"));
    }
    return std::unexpected(Error(Class::usage, "usage.via",
                                 join({"'", spec, "' names no way to the devices"}),
                                 "write ssh:[USER@]HOST[:PORT] or socks5:HOST:PORT"));
}

net::Task<void> Ways::connect() {
    // One after the other: two questions at the same time would mix.
    for (auto& [place, bastion] : bastions_) (void)co_await net::attempt(bastion->connect());
}

void Ways::close() {
    for (auto& [place, bastion] : bastions_) bastion->close();
}

}  // namespace oob::cli
