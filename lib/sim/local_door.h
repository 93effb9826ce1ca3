#pragma once

#include "net/group.h"
#include "net/listener.h"

#include <cstddef>
#include <functional>
#include <string>

namespace oob::sim {

/// A unix socket that takes so many connections at a time; further ones are closed at once.
class LocalDoor {
 public:
    using Converse = std::function<net::Task<void>(net::StreamPtr stream)>;

    /// Listens at once. Throws Failure: connect.listen.
    LocalDoor(boost::asio::any_io_executor executor, const std::string& path,
              std::size_t most_connections)
        : listener_(net::Listener::unix_socket(executor, path)),
          most_connections_(most_connections) {}

    /// Accepts until close(). The conversations run in `tasks`; it, `converse` and this outlive
    /// them. How they end is the peers' affair.
    net::Task<void> run(net::Group* tasks, Converse converse);
    void close();

 private:
    net::Task<void> attend(net::StreamPtr stream, const Converse& converse);

    net::Listener listener_;
    std::size_t most_connections_;
    std::size_t connections_ = 0;
    bool closing_ = false;
    Converse converse_;
};

}  // namespace oob::sim
