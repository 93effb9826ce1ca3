#pragma once

#include "net/turns.h"
#include "sim/local_door.h"
#include "sim/member.h"

#include <string>

namespace oob::sim {

/// The serial port of one host as a unix socket: while somebody is connected to it, a test or a
/// virtual machine, that is the host in place of the scripted one.
class SolSocket {
 public:
    /// A serial port has one other end: further connections wait until it is theirs.
    static constexpr std::size_t most_connections = 4;

    /// Listens at once; `member` must outlive it. Throws Failure: connect.listen.
    SolSocket(boost::asio::any_io_executor executor, Member& member, const std::string& path);

    /// Accepts until close(), one connection after the other. The conversations run in `tasks`,
    /// which outlives this.
    net::Task<void> run(net::Group* tasks) {
        return door_.run(tasks,
                         [this](net::StreamPtr stream) { return converse(std::move(stream)); });
    }
    void close() { door_.close(); }

 private:
    net::Task<void> converse(net::StreamPtr stream);
    net::Task<void> pass_on_typed(net::Stream* stream);
    net::Task<void> take_output(net::Stream& stream);

    Member& member_;
    LocalDoor door_;
    net::Turns ends_;
    bool open_ = false;
};

}  // namespace oob::sim
