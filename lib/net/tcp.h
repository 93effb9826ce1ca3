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
    Socket socket_;
};

}  // namespace oob::net
