#pragma once

#include "net/group.h"
#include "net/listener.h"

#include <cstddef>
#include <functional>
#include <string>

namespace oob::sim {

/// A unix socket that takes so many connections at a time; further ones are closed at once, and so
/// are those of users who are not admitted.
class LocalDoor {
 public:
    using Converse = std::function<net::Task<void>(net::StreamPtr stream)>;
    enum class Admits {
        own_user,  ///< and root
        anybody,   ///< whom the socket's mode lets in: its owner may have changed it
    };

    /// Listens at once. Throws Failure: connect.listen.
    LocalDoor(boost::asio::any_io_executor executor, const std::string& path,
              std::size_t most_connections, Admits admits = Admits::anybody)
        : listener_(net::Listener::unix_socket(executor, path)),
          most_connections_(most_connections),
          admits_(admits) {}

    /// Accepts until close(). The conversations run in `tasks`; it, `converse` and this outlive
    /// them. How they end is the peers' affair.
    net::Task<void> run(net::Group* tasks, Converse converse);
    void close();

 private:
    net::Task<void> attend(net::StreamPtr stream, const Converse& converse);

    net::Listener listener_;
    std::size_t most_connections_;
    Admits admits_;
    std::size_t connections_ = 0;
    bool closing_ = false;
    Converse converse_;
};

}  // namespace oob::sim
