#pragma once

#include "net/stalled.h"
#include "net/stream.h"

#include <boost/asio/generic/stream_protocol.hpp>

namespace oob::net {

/// A connected TCP or unix socket.
class SocketStream final : public Stream {
 public:
    using Socket = boost::asio::generic::stream_protocol::socket;

    /// A write of which the peer takes nothing for `write_limit` fails with timeout.write.
    explicit SocketStream(Socket socket, std::chrono::milliseconds write_limit = usual_write_limit)
        : socket_(std::move(socket)), write_limit_(write_limit) {}

    Task<std::size_t> read_some(std::span<std::byte> buffer) override;
    Task<void> write(View bytes) override;
    void close() override;
    /// Ends the connection with a TCP reset: the peer's next call fails at once.
    void reset() override;

 private:
    /// True when this call may be tried without the event loop; now and then others get a turn.
    bool may_try();

    /// As many of the bytes as the system takes; waits for room within the limit.
    Task<std::size_t> write_some(View bytes);

    Socket socket_;
    std::chrono::milliseconds write_limit_;
    unsigned tries_ = 0;
};

}  // namespace oob::net
