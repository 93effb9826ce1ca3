#include "sim/rmcp_server.h"

#include "codec/asf/presence.h"
#include "codec/rmcp/authentication.h"

#include <chrono>
#include <utility>

namespace oob::sim {

namespace asf = codec::asf;
namespace rmcp = codec::rmcp;

namespace {

constexpr std::uint8_t reserved_tag = 0xff;
constexpr unsigned last_release_with_ping = 18;
constexpr std::uint16_t port_http = 16992;
constexpr std::uint16_t port_https = 16993;
constexpr std::uint8_t acknowledgement = 0x80;
constexpr std::uint8_t class_asf = 6;
constexpr std::chrono::hours long_wait{1};
constexpr std::uint8_t controller_channel = 1;

asf::Pong controller_pong() {
    asf::Pong out;
    out.entities = asf::entity_ipmi | asf::entity_asf_1_0;
    return out;
}

asf::Pong pong_of(const RmcpPresence& presence) {
    asf::AmtPresence out;
    out.major = presence.major;
    out.minor = presence.minor;
    out.state = static_cast<asf::AmtPresence::State>(presence.provisioning);
    if (presence.provisioning != 0) {
        if (presence.http) out.port = port_http;
        if (presence.https) out.port = port_https;
        out.both_ports = presence.http && presence.https;
    }
    out.dash = true;
    return asf::amt_pong(out);
}

rmcp::AuthenticationCapabilities capabilities_for(const rmcp::AuthenticationQuery& query) {
    rmcp::AuthenticationCapabilities out;
    out.sequence = query.sequence;
    if (query.channel != rmcp::this_channel && query.channel != controller_channel) {
        out.completion = rmcp::invalid_data;
        return out;
    }
    out.channel = controller_channel;
    out.login = rmcp::login_named_user;
    if (query.extended) {
        out.types = rmcp::type_extended;
        out.versions = rmcp::version_2_0;
    }
    return out;
}

}  // namespace

std::optional<RmcpFace> rmcp_face(std::string_view text) {
    if (text == "amt") return RmcpFace::amt;
    if (text == "bmc") return RmcpFace::bmc;
    return std::nullopt;
}

std::vector<Bytes> rmcp_answers(RmcpFace face, const RmcpPresence& presence, View datagram) {
    if (face == RmcpFace::amt && presence.major > last_release_with_ping) return {};
    if (const auto ping = asf::decode_ping(datagram)) {
        if (ping->tag == reserved_tag) return {};
        std::vector<Bytes> out;
        if (ping->sequence != asf::no_acknowledgement) {
            Writer header;
            header.bytes(datagram.first(3)).u8(class_asf | acknowledgement);
            out.push_back(header.take());
        }
        asf::Pong pong = face == RmcpFace::amt ? pong_of(presence) : controller_pong();
        pong.tag = ping->tag;
        out.push_back(asf::encode(pong));
        return out;
    }
    if (face == RmcpFace::amt) return {};
    const auto query = rmcp::decode_query(datagram);
    if (!query) return {};
    return {rmcp::encode(capabilities_for(*query))};
}

RmcpServer::RmcpServer(boost::asio::any_io_executor executor, std::uint16_t port, RmcpFace face,
                       Find find)
    : socket_(std::move(executor), {.port = port, .tell_local = true}),
      face_(face),
      find_(std::move(find)) {
    // Two answers at most to each datagram of a batch; the views must not move.
    bytes_.reserve(2 * net::DatagramSocket::most_at_once);
}

void RmcpServer::answer(const net::Datagram& datagram) {
    const auto presence = find_(datagram.local);
    if (!presence) return;
    for (Bytes& each : rmcp_answers(face_, *presence, datagram.bytes)) {
        bytes_.push_back(std::move(each));
        answers_.push_back({datagram.peer, datagram.port, datagram.local, bytes_.back()});
    }
}

/// What does not fit into the system's buffer is lost, as on any wire.
void RmcpServer::send() {
    (void)socket_.send(answers_);
    answers_.clear();
    bytes_.clear();
}

net::Task<void> RmcpServer::run() {
    while (!closed_) {
        const auto arrived = socket_.receive();
        if (arrived.empty()) {
            co_await socket_.wait(net::Clock::now() + long_wait);
            continue;
        }
        for (const net::Datagram& each : arrived) answer(each);
        send();
        // A flood must not keep the connections of the fleet waiting.
        co_await socket_.give_way();
    }
}

}  // namespace oob::sim
