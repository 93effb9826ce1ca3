#include "sim/fleet.h"

#include "core/text.h"
#include "net/deadline.h"
#include "sim/control.h"
#include "sim/http_server.h"
#include "sim/nbd_server.h"
#include "sim/redirection_server.h"
#include "sim/slow_stream.h"
#include "sim/sol_socket.h"

#include <utility>

namespace oob::sim {

namespace {

constexpr std::size_t port_count = 4;
constexpr Port port_order[port_count] = {Port::http, Port::https, Port::redirection,
                                         Port::redirection_tls};
constexpr std::uint16_t usual_rmcp_port = 623;
constexpr unsigned most_tries = 100;  // for four free ports in a row
constexpr std::chrono::milliseconds after_failed_accept{50};

bool is_tls(Port port) { return port == Port::https || port == Port::redirection_tls; }
bool is_http(Port port) { return port == Port::http || port == Port::https; }

net::TlsVersion tls_version(std::string_view text) {
    if (text == "1.0") return net::TlsVersion::tls1_0;
    if (text == "1.1") return net::TlsVersion::tls1_1;
    if (text == "1.3") return net::TlsVersion::tls1_3;
    return net::TlsVersion::tls1_2;
}

std::unique_ptr<Firmware> make_firmware(std::shared_ptr<const Personality> personality) {
    const net::TlsVersion lowest = tls_version(personality->tls.lowest);
    const net::TlsVersion highest = tls_version(personality->tls.highest);
    return std::make_unique<Firmware>(
        Firmware{std::move(personality), net::TlsAcceptor(lowest, highest)});
}

}  // namespace

Fleet::Fleet(boost::asio::any_io_executor executor, FleetOptions options)
    : options_(std::move(options)), certificates_(options_.tls_keys) {
    surroundings_.limits = options_.limits;
    surroundings_.now = options_.now;
    surroundings_.shared_uuid = make_identity(options_.range.address(0), 0).uuid;
    for (const auto& personality : options_.personalities)
        firmware_.push_back(make_firmware(personality));
    for (const bool single : {false, true})  // those of one device replace those for all
        for (const AddressedFaults& each : options_.faults)
            if (each.address.empty() != single) take(set_fault(each.address, each.faults));
    listen(executor);
    listen_to_datagrams(executor);
    listen_for_each(options_.nbd, [&](Member& member, const std::string& path) {
        nbd_.push_back(std::make_unique<NbdServer>(executor, member.disks, path));
    });
    listen_for_each(options_.serial, [&](Member& member, const std::string& path) {
        serial_.push_back(std::make_unique<SolSocket>(executor, member, path));
    });
    if (!options_.control.empty())
        control_ = std::make_unique<ControlServer>(executor, *this, options_.control);
}

Fleet::~Fleet() = default;

void Fleet::listen(const boost::asio::any_io_executor& executor) {
    if (options_.port_base != 0) {
        for (std::size_t i = 0; i < port_count; ++i) {
            const auto port = static_cast<std::uint16_t>(options_.port_base + i);
            doors_.push_back({port_order[i], net::Listener::tcp(executor, "0.0.0.0", port)});
        }
    }
    for (unsigned tries = 0; doors_.empty() && !listen_in_a_row(executor); ++tries) {
        doors_.clear();
        if (tries >= most_tries)
            fail(Class::connect, "connect.listen", "no four free ports in a row were found",
                 "choose the ports with --port-base");
    }
    const std::uint16_t base = doors_.front().listener.port();
    ports_ = {base, static_cast<std::uint16_t>(base + 1), static_cast<std::uint16_t>(base + 2),
              static_cast<std::uint16_t>(base + 3), 0};
}

/// The first port may be lost, too: between its bind and its listen another fleet may take it as
/// one of the others in its row.
bool Fleet::listen_in_a_row(const boost::asio::any_io_executor& executor) {
    try {
        doors_.push_back({port_order[0], net::Listener::tcp(executor, "0.0.0.0", 0)});
        const std::uint16_t base = doors_.front().listener.port();
        if (base > UINT16_MAX - port_count) return false;
        for (std::size_t i = 1; i < port_count; ++i) {
            const auto port = static_cast<std::uint16_t>(base + i);
            doors_.push_back({port_order[i], net::Listener::tcp(executor, "0.0.0.0", port)});
        }
    } catch (const Failure&) {
        return false;
    }
    return true;
}

void Fleet::listen_to_datagrams(const boost::asio::any_io_executor& executor) {
    const auto open = [&](std::uint16_t port) {
        rmcp_ = std::make_unique<RmcpServer>(
            executor, port, options_.rmcp_face,
            [this](const net::IpAddress& address) { return presence(address); });
    };
    if (options_.rmcp_port || options_.port_base == 0) {
        open(options_.rmcp_port.value_or(0));
    } else {
        try {
            open(usual_rmcp_port);
        } catch (const Failure&) {
            open(0);  // taken, or only for root
        }
    }
    ports_.rmcp = rmcp_->port();
}

void Fleet::listen_for_each(
    const std::string& pattern,
    const std::function<void(Member& member, const std::string& path)>& make) {
    constexpr std::string_view address_word = "{address}";
    constexpr std::uint32_t most_sockets = 256;
    if (pattern.empty()) return;
    const std::size_t at = pattern.find(address_word);
    const auto count = static_cast<std::uint32_t>(options_.range.size());
    if (count > most_sockets || (count > 1 && at == std::string::npos))
        fail(Class::usage, "usage.socket", "each device needs a socket of its own: " + pattern,
             "write {address} where its address belongs; at most 256 devices");
    for (std::uint32_t number = 0; number < count; ++number) {
        const std::string address = options_.range.address(number);
        std::string path = pattern;
        if (at != std::string::npos) path.replace(at, address_word.size(), address);
        make(*member(address), path);
    }
}

std::optional<RmcpPresence> Fleet::presence(const net::IpAddress& address) const {
    const auto number = options_.range.number(net::to_string(address));
    if (!number) return std::nullopt;
    const Personality& personality = *firmware_[*number % firmware_.size()]->personality;
    RmcpPresence out;
    out.major = personality.version.major;
    out.minor = personality.version.minor;
    const auto found = members_.find(*number);
    if (found == members_.end()) {
        const bool set_up = personality.control_mode != ControlMode::unprovisioned;
        out.provisioning = set_up ? 2 : 0;
        out.http = set_up && personality.ports.http;
        out.https = set_up && personality.ports.https;
        return out;
    }
    const Device& device = found->second->device;
    const Value state = device.state();
    const Value* provisioning = state.find("provisioning");
    const std::string_view said = provisioning ? provisioning->text() : std::string_view();
    out.provisioning = said == "post" ? 2 : said == "in" ? 1 : 0;
    out.http = device.port_open(Port::http);
    out.https = device.port_open(Port::https);
    return out;
}

net::Task<void> Fleet::run() {
    for (Door& door : doors_) co_await tasks_.spawn(attend(door));
    co_await tasks_.spawn(rmcp_->run());
    for (const auto& each : nbd_) co_await tasks_.spawn(each->run(&tasks_));
    for (const auto& each : serial_) co_await tasks_.spawn(each->run(&tasks_));
    if (control_) co_await tasks_.spawn(control_->run(&tasks_));
    co_await tasks_.join();
    for (const auto& [number, each] : members_) co_await each->host.join();
}

void Fleet::stop() {
    stopping_ = true;
    for (Door& door : doors_) door.listener.close();
    rmcp_->close();
    for (const auto& each : nbd_) each->close();
    for (const auto& each : serial_) each->close();
    if (control_) control_->close();
    tasks_.cancel();
    for (const auto& [number, each] : members_) each->host.cancel();
}

Member* Fleet::member(std::string_view address) {
    const auto number = options_.range.number(address);
    if (!number) return nullptr;
    std::unique_ptr<Member>& slot = members_[*number];
    if (!slot) slot = make_member(*number);
    return slot.get();
}

Device* Fleet::device(std::string_view address) {
    Member* found = member(address);
    return found == nullptr ? nullptr : &found->device;
}

std::unique_ptr<Member> Fleet::make_member(std::uint32_t number) {
    Firmware& firmware = *firmware_[number % firmware_.size()];
    const Identity identity = make_identity(options_.range.address(number), number);
    auto out = std::make_unique<Member>(
        Device(firmware.personality, identity, options_.password, options_.now), firmware,
        surroundings_);
    if (options_.power_delay)
        take(out->device.set("power_delay_ms", options_.power_delay->count()));
    take(out->set_faults(common_faults_));
    return out;
}

std::vector<Member*> Fleet::members() const {
    std::vector<Member*> out;
    out.reserve(members_.size());
    for (const auto& [number, each] : members_) out.push_back(each.get());
    return out;
}

std::vector<JournalEntry> Fleet::journal(std::string_view address, std::uint64_t since) const {
    const auto number = options_.range.number(address);
    const auto found = number ? members_.find(*number) : members_.end();
    return found == members_.end() ? std::vector<JournalEntry>()
                                   : found->second->journal.since(since);
}

Result<void> Fleet::set_fault(std::string_view address, const Faults& faults) {
    if (!address.empty()) {
        Member* found = member(address);
        if (found != nullptr) return found->set_faults(faults);
        return std::unexpected(Error(Class::usage, "usage.device",
                                     join({"no device has the address ", address}),
                                     "the fleet is " + options_.range.text()));
    }
    common_faults_ = faults;
    for (const auto& [number, each] : members_) {
        auto done = each->set_faults(faults);
        if (!done) return done;
    }
    return {};
}

net::Task<void> Fleet::attend(Door& door) {
    while (!stopping_) {
        Result<net::Accepted> accepted = co_await net::attempt(door.listener.accept());
        if (stopping_) co_return;
        if (accepted)
            co_await tasks_.spawn_apart(converse(*std::move(accepted), door.port));
        else
            co_await net::sleep_for(after_failed_accept);
    }
}

/// A wildcard listener cannot refuse a connection, so what is closed is reset as soon as it was
/// accepted.
net::Task<void> Fleet::converse(net::Accepted accepted, Port port) {
    const Counted here(connections_);
    Member* found =
        connections_ > options_.limits.connections ? nullptr : member(accepted.local.host);
    if (found == nullptr) {
        accepted.stream->reset();
        co_return;
    }
    std::string remote = net::to_string(accepted.remote);
    if (!found->device.port_open(port)) {
        note(*found, JournalEntry::Event::refused, port, std::move(remote), "the port is closed");
        accepted.stream->reset();
        co_return;
    }
    // How a conversation ends is the peer's affair: resets and time limits are no failure of the
    // fleet.
    (void)co_await net::attempt(serve(std::move(accepted.stream), *found, port, std::move(remote)));
}

net::Task<void> Fleet::serve(net::StreamPtr stream, Member& found, Port port, std::string remote) {
    const bool crowded = found.connections >= options_.limits.device_connections;
    std::size_t uncounted = 0;
    const Counted here(is_http(port) ? found.connections : uncounted);
    if (is_tls(port)) {
        Result<net::StreamPtr> secured = co_await net::attempt(net::within(
            options_.limits.handshake, shake_hands(std::move(stream), found), "handshake"));
        if (!secured) {
            note(found, JournalEntry::Event::handshake_failed, port, std::move(remote),
                 secured.error().message);
            co_return;
        }
        stream = *std::move(secured);
    }
    if (is_http(port)) {
        HttpServer server(*stream, found, port, std::move(remote), crowded);
        co_await server.serve();
    } else {
        co_await redirect(*stream, found, port, std::move(remote));
    }
    stream->close();
}

net::Task<void> Fleet::redirect(net::Stream& stream, Member& found, Port port, std::string remote) {
    const SlowStream::Line line{found.faults().round_trip, found.faults().rate};
    if (line.round_trip.count() == 0 && line.bytes_a_second == 0) {
        RedirectionServer server(stream, found, port, std::move(remote));
        co_return co_await server.serve();
    }
    SlowStream slow(stream, line);
    RedirectionServer server(slow, found, port, std::move(remote));
    net::Group pump;
    co_await pump.spawn_apart(slow.pump());
    const auto served = co_await net::attempt(server.serve());
    slow.close();
    co_await pump.join();
    take(served);
}

net::Task<net::StreamPtr> Fleet::shake_hands(net::StreamPtr stream, Member& found) {
    const bool changed = found.faults().changed_certificate;
    auto& slot = changed ? found.changed_certificate : found.certificate;
    const Identity& identity = found.device.identity();
    if (!slot) slot = certificates_.make(identity.number, identity.host_name, changed);
    if (changed) found.spend_fault();
    co_return co_await found.firmware().tls.accept(std::move(stream), *slot);
}

void Fleet::note(Member& found, JournalEntry::Event event, Port port, std::string remote,
                 std::string why) {
    JournalEntry entry;
    entry.event = event;
    entry.port = port;
    entry.remote = std::move(remote);
    entry.note = std::move(why);
    found.record(std::move(entry));
}

}  // namespace oob::sim
