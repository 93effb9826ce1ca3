#include "sim/rmcp_server.h"

#include "codec/asf/presence.h"
#include "codec/rmcp/authentication.h"
#include "sim/server_rig.h"
#include "support/hex.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

using namespace oob;
using namespace oob::sim::test;
namespace asf = codec::asf;
namespace rmcp = codec::rmcp;
using test::hex;

namespace {

constexpr const char* ping = "06 00 ff 06 00 00 11 be 80 07 00 00";
constexpr const char* query =
    "06 00 ff 07 00 00 00 00 00 00 00 00 00 09 20 18 c8 81 00 38 8e 04 b5";
constexpr sim::RmcpPresence both{11, 8, 2, true, true};

Bytes only_answer(sim::RmcpFace face, const sim::RmcpPresence& presence, const char* datagram) {
    const auto answers = sim::rmcp_answers(face, presence, hex(datagram));
    REQUIRE(answers.size() == 1);
    return answers.front();
}

/// A plain socket of the system, so that nothing of ours stands between test and server.
class UdpClient {
 public:
    UdpClient(const char* address, std::uint16_t port)
        : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        name_.sin_family = AF_INET;
        name_.sin_port = htons(port);
        ::inet_pton(AF_INET, address, &name_.sin_addr);
    }
    ~UdpClient() { ::close(socket_); }
    UdpClient(const UdpClient&) = delete;
    UdpClient& operator=(const UdpClient&) = delete;

    void send(const Bytes& bytes) const {
        REQUIRE(::sendto(socket_, bytes.data(), bytes.size(), 0,
                         reinterpret_cast<const sockaddr*>(&name_),
                         sizeof name_) == static_cast<ssize_t>(bytes.size()));
    }
    /// The next datagram, which must come from where the requests go; empty after `limit_ms`.
    Bytes receive(int limit_ms) const {
        pollfd ready{socket_, POLLIN, 0};
        if (::poll(&ready, 1, limit_ms) != 1) return {};
        std::array<std::byte, 512> buffer;
        sockaddr_in from{};
        socklen_t length = sizeof from;
        const ssize_t count = ::recvfrom(socket_, buffer.data(), buffer.size(), 0,
                                         reinterpret_cast<sockaddr*>(&from), &length);
        REQUIRE(count > 0);
        CHECK(from.sin_addr.s_addr == name_.sin_addr.s_addr);
        CHECK(from.sin_port == name_.sin_port);
        const View whole(buffer);
        const View used = whole.first(static_cast<std::size_t>(count));
        return {used.begin(), used.end()};
    }

 private:
    int socket_;
    sockaddr_in name_{};
};

constexpr int answer_ms = 5000;
constexpr int silence_ms = 200;

}  // namespace

TEST_CASE("pongs of AMT devices are those of the reference") {
    struct {
        sim::RmcpPresence presence;
        const char* pong;
    } const cases[] = {
        {{7, 1, 2, true, false},
         "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 01 57 42 60 71 02 00 20 00 00 00 00 00 00"},
        {both,
         "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 01 57 42 61 b8 06 00 20 00 00 00 00 00 00"},
        {{16, 1, 2, false, true},
         "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 01 57 42 61 00 02 00 20 10 01 00 00 00 00"},
        {{8, 0, 0, false, false},
         "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 01 57 00 00 80 00 00 20 00 00 00 00 00 00"},
        {{12, 0, 1, false, true},
         "06 00 ff 06 00 00 11 be 40 07 00 10 00 00 01 57 42 61 c0 01 00 20 00 00 00 00 00 00"},
    };
    for (const auto& each : cases) {
        CAPTURE(each.pong);
        CHECK(only_answer(sim::RmcpFace::amt, each.presence, ping) == hex(each.pong));
    }
}

TEST_CASE("a controller answers ping and IPMI as the reference has it") {
    CHECK(
        only_answer(sim::RmcpFace::bmc, {}, ping) ==
        hex("06 00 ff 06 00 00 11 be 40 07 00 10 00 00 11 be 00 00 00 00 81 00 00 00 00 00 00 00"));
    CHECK(only_answer(sim::RmcpFace::bmc, {}, query) ==
          hex("06 00 ff 07 00 00 00 00 00 00 00 00 00 10 81 1c 63 20 00 38 00 01 80 04 02 00 00 00 "
              "00 21"));
    rmcp::AuthenticationQuery old{5, rmcp::this_channel, false, rmcp::Privilege::user};
    const auto answer = take(rmcp::decode_capabilities(
        sim::rmcp_answers(sim::RmcpFace::bmc, {}, rmcp::encode(old)).at(0)));
    CHECK(answer.sequence == 5);
    CHECK((answer.types & rmcp::type_extended) == 0);
    old.channel = 7;
    const auto refusal = take(rmcp::decode_capabilities(
        sim::rmcp_answers(sim::RmcpFace::bmc, {}, rmcp::encode(old)).at(0)));
    CHECK(refusal.completion == rmcp::invalid_data);
}

TEST_CASE("a ping that wants an acknowledgement gets it first") {
    const auto answers =
        sim::rmcp_answers(sim::RmcpFace::amt, both, hex("06 00 00 06 00 00 11 be 80 07 00 00"));
    REQUIRE(answers.size() == 2);
    CHECK(answers[0] == hex("06 00 00 86"));
    CHECK(asf::decode_pong(answers[1]).has_value());
}

TEST_CASE("what a device does not know is met with silence") {
    for (const char* text :
         {"06 00 ff 06 00 00 11 be 80 ff 00 00", "06 00 ff 06 00 00 11 bf 80 07 00 00",
          "06 00 ff 06 00 00 11 be 80 07 00 00 00", "00", "06 00 00 86"}) {
        CAPTURE(text);
        CHECK(sim::rmcp_answers(sim::RmcpFace::amt, both, hex(text)).empty());
        CHECK(sim::rmcp_answers(sim::RmcpFace::bmc, both, hex(text)).empty());
    }
    CHECK(sim::rmcp_answers(sim::RmcpFace::amt, both, hex(query)).empty());
    Bytes wrong = hex(query);
    wrong.back() ^= std::byte{1};
    CHECK(sim::rmcp_answers(sim::RmcpFace::bmc, both, wrong).empty());
    CHECK(sim::rmcp_answers(sim::RmcpFace::amt, {19, 0, 2, false, true}, hex(ping)).empty());
}

TEST_CASE("each device of a fleet answers from its own address, and none is made for it") {
    Rig rig([](auto& options) {
        options.personalities = {take(sim::Personality::builtin("11.8")),
                                 take(sim::Personality::builtin("16.1"))};
    });
    const UdpClient one("127.77.9.2", rig.ports().rmcp);
    const UdpClient two("127.77.9.3", rig.ports().rmcp);
    one.send(hex(ping));
    two.send(hex(ping));
    const auto first = asf::amt_presence(take(asf::decode_pong(one.receive(answer_ms))));
    const auto second = asf::amt_presence(take(asf::decode_pong(two.receive(answer_ms))));
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first->major == 11);
    CHECK(first->both_ports);
    CHECK(second->major == 16);
    CHECK(second->port == 16993);
    CHECK(!second->both_ports);
    rig.on_loop([](sim::Fleet& fleet) { CHECK(fleet.members().empty()); });
}

TEST_CASE("a pong follows what became of the device") {
    Rig rig;
    rig.on_loop([](sim::Fleet& fleet) {
        take(fleet.device("127.77.9.1")->set("provisioning", Value("pre")));
    });
    const UdpClient client("127.77.9.1", rig.ports().rmcp);
    client.send(hex(ping));
    const auto presence = asf::amt_presence(take(asf::decode_pong(client.receive(answer_ms))));
    REQUIRE(presence);
    CHECK(presence->state == asf::AmtPresence::State::not_configured);
    CHECK(presence->port == 0);
}

TEST_CASE("an address outside the fleet is silent") {
    Rig rig;
    const UdpClient outside("127.77.9.16", rig.ports().rmcp);
    outside.send(hex(ping));
    CHECK(outside.receive(silence_ms).empty());
    const UdpClient inside("127.77.9.15", rig.ports().rmcp);
    inside.send(hex(ping));
    CHECK(!inside.receive(answer_ms).empty());
}
