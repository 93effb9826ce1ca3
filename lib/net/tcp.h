#pragma once

#include "net/stream.h"

#include <boost/asio/generic/stream_protocol.hpp>

namespace oob::net {

/// A connected TCP or unix socket.
class SocketStream final : public Stream {
 public:
    using Socket = boost::asio::generic::stream_protocol::socket;

    explicit SocketStream(Socket socket) : socket_(std::move(socket)) {}

    Task<std::size_t> read_some(std::span<std::byte> buffer) override;
    Task<void> write(View bytes) override;
    void close() override;
    /// Ends the connection with a TCP reset: the peer's next call fails at once.
    void reset() override;

 private:
    /// True when this call may be tried without the event loop; now and then others get a turn.
    bool may_try();

    Socket socket_;
    unsigned tries_ = 0;
};

}  // namespace oob::net
