#pragma once

#include "core/error.h"
#include "core/secret.h"
#include "net/group.h"
#include "net/listener.h"
#include "net/task.h"
#include "sim/address_range.h"
#include "sim/certificates.h"
#include "sim/member.h"
#include "sim/rmcp_server.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oob::sim {

class ControlServer;
class NbdServer;
class SolSocket;

struct FleetOptions {
    AddressRange range;
    /// The first of four ports in a row: http, https, redirection, redirection TLS. 0 takes a free
    /// run of four.
    std::uint16_t port_base = 16992;
    /// UDP; none takes 623 where it may be bound and a free one elsewhere, 0 or a port_base of 0 a
    /// free one.
    std::optional<std::uint16_t> rmcp_port;
    RmcpFace rmcp_face = RmcpFace::amt;
    /// Dealt out by device number; at least one.
    std::vector<std::shared_ptr<const Personality>> personalities;
    Secret password;                                       ///< admin's, on every device
    std::optional<std::chrono::milliseconds> power_delay;  ///< none: what the device has by itself
    std::vector<AddressedFaults> faults;                   ///< an empty address means every device
    std::string control;  ///< path of the control socket; empty: none
    /// Unix sockets on which the drives that are lent to a host can be read over NBD; with more
    /// than one device "{address}" stands in it. Empty: none.
    std::string nbd;
    /// The same for the hosts' serial ports.
    std::string serial;
    unsigned tls_keys = 8;
    Limits limits;
    Now now = [] { return std::chrono::system_clock::now(); };
};

struct FleetPorts {
    std::uint16_t http = 0;
    std::uint16_t https = 0;
    std::uint16_t redirection = 0;
    std::uint16_t redirection_tls = 0;
    std::uint16_t rmcp = 0;  ///< UDP
};

/// A fleet of virtual devices behind four listening sockets and one for datagrams. The local
/// address of a connection says which device it is for; devices come into being when they are first
/// asked for. Everything happens on one event loop; run() must have ended before it is destroyed.
class Fleet {
 public:
    /// Listens at once. Throws Failure: connect.listen, usage.fault, usage.socket.
    Fleet(boost::asio::any_io_executor executor, FleetOptions options);
    ~Fleet();
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    /// Serves until stop() was called and every connection is gone.
    net::Task<void> run();
    /// Closes everything. On the loop only.
    void stop();

    const FleetPorts& ports() const { return ports_; }
    const AddressRange& range() const { return options_.range; }
    /// Of the control socket; empty when there is none.
    const std::string& control() const { return options_.control; }

    /// The device, made when need be; null for an address outside the range.
    Device* device(std::string_view address);
    Member* member(std::string_view address);
    /// Every device that exists, by number.
    std::vector<Member*> members() const;
    /// What happened to a device, oldest first; empty for one that does not exist.
    std::vector<JournalEntry> journal(std::string_view address, std::uint64_t since = 0) const;
    /// Replaces the faults of one device, or with an empty address those of every device, also
    /// later ones. Errors: class `usage`, code `usage.device` for an address outside the range, and
    /// those of Member::set_faults.
    Result<void> set_fault(std::string_view address, const Faults& faults);

 private:
    struct Door {
        Port port;
        net::Listener listener;
    };

    void listen(const boost::asio::any_io_executor& executor);
    /// On four free ports; false when one of them was taken.
    bool listen_in_a_row(const boost::asio::any_io_executor& executor);
    /// A socket for each device, whose path is made of the pattern.
    void listen_for_each(const std::string& pattern,
                         const std::function<void(Member& member, const std::string& path)>& make);
    void listen_to_datagrams(const boost::asio::any_io_executor& executor);
    /// What the device tells of itself without a login; a device is not made for it.
    std::optional<RmcpPresence> presence(const net::IpAddress& address) const;
    std::unique_ptr<Member> make_member(std::uint32_t number);
    net::Task<void> attend(Door& door);
    net::Task<void> converse(net::Accepted accepted, Port port);
    net::Task<void> serve(net::StreamPtr stream, Member& member, Port port, std::string remote);
    net::Task<void> redirect(net::Stream& stream, Member& member, Port port, std::string remote);
    net::Task<net::StreamPtr> shake_hands(net::StreamPtr stream, Member& member);
    void note(Member& member, JournalEntry::Event event, Port port, std::string remote,
              std::string why);

    FleetOptions options_;
    Surroundings surroundings_;
    std::vector<std::unique_ptr<Firmware>> firmware_;
    CertificatePool certificates_;
    Faults common_faults_;  // of devices that do not exist yet
    std::map<std::uint32_t, std::unique_ptr<Member>> members_;
    std::vector<Door> doors_;
    FleetPorts ports_;
    std::unique_ptr<ControlServer> control_;
    std::unique_ptr<RmcpServer> rmcp_;
    std::vector<std::unique_ptr<NbdServer>> nbd_;
    std::vector<std::unique_ptr<SolSocket>> serial_;
    net::Group tasks_;  // the doors and every connection
    std::size_t connections_ = 0;
    bool stopping_ = false;
};

}  // namespace oob::sim
