#pragma once

#include "codec/nbd/nbd.h"
#include "net/group.h"
#include "net/listener.h"
#include "sim/disk_bus.h"

#include <cstddef>
#include <string>

namespace oob::sim {

/// Lets a virtual machine, a copying program or a kernel read the drives that are lent to one host:
/// each read becomes a command of that host. The exports are called "cd" and "floppy"; the one
/// without a name is the first of them that has a medium.
class NbdServer {
 public:
    static constexpr std::size_t most_connections = 16;  ///< further ones are closed at once

    /// Listens on a unix socket at once; `bus` must outlive it. Throws Failure: connect.listen.
    NbdServer(boost::asio::any_io_executor executor, DiskBus& bus, const std::string& path);

    /// Accepts until close(). The conversations run in `tasks`, which outlives this.
    net::Task<void> run(net::Group* tasks);
    void close();

 private:
    net::Task<void> converse(net::StreamPtr stream);

    DiskBus& bus_;
    net::Listener listener_;
    std::size_t connections_ = 0;
    bool closing_ = false;
};

}  // namespace oob::sim
