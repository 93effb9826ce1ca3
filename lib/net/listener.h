#pragma once

#include "net/endpoint.h"
#include "net/stream.h"
#include "net/task.h"

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace oob::net {

/// A connection that came in.
struct Accepted {
    StreamPtr stream;
    Endpoint
        local;  ///< the address it was made to: on a wildcard listener this tells which one of many
    Endpoint remote;
    std::optional<unsigned> user{};  ///< whose program is at the other end of a unix socket
};

/// A listening TCP or unix socket.
class Listener {
 public:
    /// `address` may be the wildcard "0.0.0.0" or "::"; port 0 takes a free one. Throws Failure
    /// connect.listen with the reason (port in use, permission).
    static Listener tcp(boost::asio::any_io_executor executor, const std::string& address,
                        std::uint16_t port);
    /// A unix socket with mode 0600; an old socket file that nobody answers on is replaced.
    static Listener unix_socket(boost::asio::any_io_executor executor, const std::string& path);

    Listener(Listener&&) noexcept;
    Listener& operator=(Listener&&) noexcept;
    ~Listener();

    Task<Accepted> accept();
    std::uint16_t port() const;
    void close();

 private:
    struct Impl;
    explicit Listener(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace oob::net
