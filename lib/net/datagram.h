#pragma once

#include "core/bytes.h"
#include "core/error.h"
#include "net/deadline.h"
#include "net/task.h"

#include <boost/asio/any_io_executor.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace oob::net {

/// An IPv4 or IPv6 address as a value that costs nothing to copy. IPv4 stands in its mapped form
/// (::ffff:a.b.c.d).
struct IpAddress {
    std::array<std::uint8_t, 16> bytes{};
    std::uint32_t scope = 0;  ///< interface of a link-local address

    /// An address as core's parse_address() takes it; nothing for anything else, and for a zone
    /// that this machine does not have.
    static std::optional<IpAddress> parse(std::string_view text);

    static IpAddress from_ipv4(std::uint32_t number);

    bool is_ipv4() const;
    /// Of an IPv4 address, as core's parse_ipv4 has it.
    std::uint32_t ipv4() const;
    friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

/// IPv6 without brackets, the interface behind a percent sign.
std::string to_string(const IpAddress& address);

/// A datagram on its way; the bytes belong to somebody else.
struct Datagram {
    IpAddress peer;
    std::uint16_t port = 0;  ///< of the peer
    IpAddress local;         ///< sent from or received on; all zero leaves it to the system
    View bytes;
};

struct DatagramOptions {
    bool ipv6 = false;
    std::optional<IpAddress> address;  ///< to bind to; none: the wildcard
    std::uint16_t port = 0;            ///< 0 takes a free one
    bool tell_local = false;           ///< received datagrams say which address they came to
};

/// A UDP socket that moves many datagrams with one system call. Nothing here blocks but wait().
class DatagramSocket {
 public:
    static constexpr std::size_t most_at_once = 64;
    /// Longer datagrams are cut; no protocol here has such.
    static constexpr std::size_t most_bytes = 2048;

    /// Throws Failure: connect.listen with the reason (port in use, permission).
    DatagramSocket(boost::asio::any_io_executor executor, DatagramOptions options);
    DatagramSocket(DatagramSocket&&) noexcept;
    ~DatagramSocket();

    /// Sends from the front and tells how many are dealt with: fewer than all, maybe none, when the
    /// system's buffer is full. A datagram that the system refuses (no route, not permitted) counts
    /// as dealt with and in refused().
    std::size_t send(std::span<const Datagram> datagrams);
    /// What has arrived, up to most_at_once, valid until the next call; empty when nothing has.
    std::span<const Datagram> receive();
    /// Waits until something has arrived or `limit` has passed.
    Task<void> wait(Clock::time_point limit);

    /// Lets other tasks of the loop run: for whoever moves a flood and never waits.
    Task<void> give_way();

    std::uint16_t port() const;
    std::uint64_t refused() const;
    /// A task in wait() goes on at once; nothing can be sent or received any more.
    void close();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace oob::net
