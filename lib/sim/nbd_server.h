#pragma once

#include "codec/nbd/nbd.h"
#include "sim/disk_bus.h"
#include "sim/local_door.h"

#include <cstddef>
#include <string>

namespace oob::sim {

/// One client of the Network Block Device protocol, from the greeting to its end. Stream and bus
/// outlive the task. Throws what the stream throws, nbd.*, timeout.negotiation, timeout.write.
net::Task<void> serve_nbd(net::Stream& stream, DiskBus& bus);

/// Lets a virtual machine, a copying program or a kernel read the drives that are lent to one host:
/// each read becomes a command of that host. The exports are called "cd" and "floppy"; the one
/// without a name is the first of them that has a medium.
class NbdServer {
 public:
    static constexpr std::size_t most_connections = 16;

    /// Listens on a unix socket at once; `bus` must outlive it. Throws Failure: connect.listen.
    NbdServer(boost::asio::any_io_executor executor, DiskBus& bus, const std::string& path);

    /// Accepts until close(). The conversations run in `tasks`, which outlives this.
    net::Task<void> run(net::Group* tasks) {
        return door_.run(tasks,
                         [this](net::StreamPtr stream) { return converse(std::move(stream)); });
    }
    void close() { door_.close(); }

 private:
    net::Task<void> converse(net::StreamPtr stream);

    DiskBus& bus_;
    LocalDoor door_;
};

}  // namespace oob::sim
