#include "plane/amt/device.h"

#include "codec/wsman/instance.h"
#include "codec/wsman/schema.h"
#include "core/text.h"

namespace oob::plane::amt {

namespace wsman = codec::wsman;
using net::Task;

namespace {

constexpr int to_redirection = 2;  // from the port of HTTP or HTTPS
constexpr std::string_view server_prefix = "Intel(R) Active Management Technology ";

net::Endpoint endpoint_of(const Target& target) {
    return {target.host, target.port.value_or(*usual_port(target.scheme))};
}

}  // namespace

Device::Device(Access access)
    : access_(std::move(access)),
      endpoint_(endpoint_of(access_.target)),
      changes_(access_.may_change, access_.stopping),
      client_(client_options()),
      power_(client_),
      boot_(client_, power_, access_.target.scheme != amt_plain_scheme),
      alarms_(client_),
      door_{{access_.user, access_.password}, &changes_, [this] { return connect_redirection(); }},
      console_(client_, power_, door_),
      media_(client_, power_, door_) {
    access_.findings->device.protocol = "amt";
    access_.findings->device.address = access_.target.where();
    access_.trust_policy.address = access_.target.address;
}

session::HttpClient::Options Device::client_options() {
    session::HttpClient::Options options;
    // The client is a member: it never outlives this.
    options.connect = [this]() -> Task<net::StreamPtr> {
        session::Peer peer = co_await connect(endpoint_.port);
        co_return std::move(peer.stream);
    };
    options.host = net::to_string(endpoint_);
    options.user = access_.user;
    options.password = access_.password;
    options.longest_exchange = access_.longest_exchange;
    options.trace = access_.trace;
    options.door = &changes_;
    options.heard_server = [this](std::string_view server) { note_firmware(server); };
    return options;
}

Task<session::Peer> Device::connect(std::uint16_t port) {
    net::StreamPtr stream = co_await access_.dial({access_.target.where(), port});
    if (access_.target.scheme == amt_plain_scheme)
        co_return session::Peer{std::move(stream), std::nullopt};
    net::TrustedStream secured =
        co_await access_.trust->connect(std::move(stream), endpoint_, access_.trust_policy);
    note_trust(secured.trusted);
    co_return session::Peer{std::move(secured.stream), std::move(secured.trusted)};
}

/// A login takes a second connection; what the first one said of trust ("tofu") is what happened.
void Device::note_trust(const net::Trusted& trusted) {
    access_.findings->device.fingerprint = trusted.facts.fingerprint;
    if (access_.findings->tls) return;
    access_.findings->tls =
        TlsSummary{trusted.facts.version, std::string(name(trusted.verified)), trusted.compat};
    if (!trusted.weakness.empty())
        access_.findings->warnings.push_back(
            join({"--tls-compat: the certificate is weak: ", trusted.weakness}));
}

/// HTTP, HTTPS, redirection and redirection over TLS stand in a row.
Task<session::Peer> Device::connect_redirection() {
    return connect(static_cast<std::uint16_t>(endpoint_.port + to_redirection));
}

void Device::note_firmware(std::string_view server) {
    if (server.starts_with(server_prefix))
        access_.findings->device.firmware = server.substr(server_prefix.size());
}

Task<void> Device::identify() {
    const auto package =
        co_await client_.get(take(wsman::resource_uri("CIM_ComputerSystemPackage")));
    const auto guid = wsman::text_of(package.members, "PlatformGUID");
    const auto bytes = guid ? parse_hex(*guid) : std::nullopt;
    if (bytes && bytes->size() == 16) access_.findings->device.uuid = uuid_from_smbios(*bytes);
}

}  // namespace oob::plane::amt
