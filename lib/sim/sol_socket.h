#pragma once

#include "net/group.h"
#include "net/listener.h"
#include "sim/member.h"

#include <string>

namespace oob::sim {

/// The serial port of one host as a unix socket: while somebody is connected to it, a test or a
/// virtual machine, that is the host in place of the scripted one.
class SolSocket {
 public:
    /// Listens at once; `member` must outlive it. Throws Failure: connect.listen.
    SolSocket(boost::asio::any_io_executor executor, Member& member, const std::string& path);

    /// Accepts until close(), one connection after the other. The conversations run in `tasks`,
    /// which outlives this.
    net::Task<void> run(net::Group* tasks);
    void close();

 private:
    net::Task<void> converse(net::StreamPtr stream);
    net::Task<void> pass_on_typed(net::Stream* stream);
    net::Task<void> take_output(net::Stream& stream);

    Member& member_;
    net::Listener listener_;
    bool open_ = false;
    bool closing_ = false;
};

}  // namespace oob::sim
