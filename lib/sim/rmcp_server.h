#pragma once

#include "net/datagram.h"
#include "net/task.h"
#include "sim/device.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace oob::sim {

/// What the devices of a fleet pretend to be on UDP 623.
enum class RmcpFace {
    amt,  ///< Intel AMT: a presence pong of its own, and silence to IPMI
    bmc,  ///< a controller of IPMI 2.0: a general pong, and Get Channel Authentication Capabilities
};

/// "amt" or "bmc"; nothing for anything else.
std::optional<RmcpFace> rmcp_face(std::string_view text);

/// What an AMT device tells in its pong.
struct RmcpPresence {
    unsigned major = 0;
    unsigned minor = 0;
    unsigned provisioning = 2;  ///< 0 not set up, 1 in setup, 2 set up
    bool http = false;          ///< the port is open
    bool https = false;
};

/// The answers to one datagram, in order: an RMCP acknowledgement where one is asked for, then the
/// pong or the IPMI answer. None for what such a device lets pass in silence (reference
/// discovery-posture, sections 11.1 and 11.2). A device of release 19 or later answers nothing.
std::vector<Bytes> rmcp_answers(RmcpFace face, const RmcpPresence& presence, View datagram);

/// UDP 623 of a whole fleet behind one socket. The address that a datagram was sent to says which
/// device it is for, and the answer comes from there.
class RmcpServer {
 public:
    /// The device at an address; nothing when there is none.
    using Find = std::function<std::optional<RmcpPresence>(const net::IpAddress& address)>;

    /// Port 0 takes a free one. Throws Failure: connect.listen.
    RmcpServer(boost::asio::any_io_executor executor, std::uint16_t port, RmcpFace face, Find find);

    /// Serves until close(). The server outlives it.
    net::Task<void> run();
    void close() { closed_ = true, socket_.close(); }
    std::uint16_t port() const { return socket_.port(); }

 private:
    void answer(const net::Datagram& datagram);
    void send();

    net::DatagramSocket socket_;
    RmcpFace face_;
    Find find_;
    std::vector<Bytes> bytes_;  // of the answers that wait to be sent
    std::vector<net::Datagram> answers_;
    bool closed_ = false;
};

}  // namespace oob::sim
