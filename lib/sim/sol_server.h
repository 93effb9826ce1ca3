#pragma once

#include "codec/redirection/sol.h"
#include "net/bell.h"
#include "net/deadline.h"
#include "sim/member.h"
#include "sim/redirection_link.h"

namespace oob::sim {

/// Serial-over-LAN on a connection that has logged in (reference redirection, section 6.2).
class SolServer {
 public:
    /// Link and member outlive it.
    SolServer(RedirectionLink& link, Member& member) : link_(link), member_(member) {}

    /// Serves until either side ends the session. Throws what the link throws, and timeout.*.
    net::Task<void> serve();

 private:
    net::Task<void> listen();
    void hear(View message);
    /// speak(), and the end of the connection.
    net::Task<void> talk();
    net::Task<void> speak();
    /// Time between two messages, for clients that take a read for a message.
    net::Task<void> pause();
    net::Task<void> tell_controls();
    net::Task<void> send_output();
    void follow_host();

    RedirectionLink& link_;
    Member& member_;
    codec::redirection::SolStart terms_;
    std::uint32_t sequence_ = 0;
    net::Clock::time_point heard_{};
    Bytes answers_;  // pongs and the like, to be sent by the one who speaks
    std::uint64_t starts_ = 0;
    std::uint64_t drops_ = 0;
    bool host_on_ = false;
    bool told_on_ = false;
    bool ending_ = false;  // the client has asked for the end
    bool ended_ = false;   // the client asked for the end, or is gone
    Result<void> heard_last_;
    Result<void> spoken_;
};

}  // namespace oob::sim
