#pragma once

#include "codec/redirection/ider.h"
#include "net/bell.h"
#include "net/deadline.h"
#include "net/turns.h"
#include "sim/disk_bus.h"
#include "sim/member.h"
#include "sim/redirection_link.h"

namespace oob::sim {

/// IDE redirection on a connection that has logged in (reference redirection, sections 4 and 6.3):
/// takes the client's drives, and hands the host's commands to it.
class IderServer final : private DiskBus::Lender {
 public:
    /// Link and member outlive it.
    IderServer(RedirectionLink& link, Member& member) : link_(link), member_(member) {}

    /// Serves until either side ends the session. Throws what the link throws, and timeout.*.
    net::Task<void> serve();

 private:
    net::Task<void> send_command(DiskBus::Drive drive, codec::scsi::Cdb cdb) override;
    net::Task<void> resynchronise() override;

    net::Task<void> listen();
    net::Task<void> hear(View message);
    net::Task<void> hear_features(View message);
    net::Task<void> send_out(View message);
    /// speak(), and the end of the connection.
    net::Task<void> talk();
    net::Task<void> speak();
    net::Task<void> follow_host();
    /// Looks what lies in the drives and gives them to the host.
    net::Task<void> attach();
    net::Task<std::optional<std::uint64_t>> look_into(DiskBus::Drive drive);
    void detach();
    /// Time between two messages, for clients that take a read for a message.
    net::Task<void> pause();
    net::Task<void> send(Bytes message);
    net::Task<void> send_bare(codec::redirection::Code code);

    class Inside;
    enum class Drives { off, armed, wanted, attached };

    RedirectionLink& link_;
    Member& member_;
    codec::redirection::IderOpen terms_;
    std::uint32_t sequence_ = 0;
    std::optional<std::uint32_t> ping_;  // the number of the last one, until it is answered
    Drives drives_ = Drives::off;
    net::Turns writers_;
    net::Bell changed_;
    net::Clock::time_point heard_{};
    net::Clock::time_point spoken_{};
    std::uint64_t starts_ = 0;
    std::uint64_t drops_ = 0;
    bool resetting_ = false;  // until the client has answered
    bool ending_ = false;     // the client has asked for the end
    bool ended_ = false;
    std::size_t inside_ = 0;  // tasks of the host that are in a function of this object
    Result<void> heard_last_;
    Result<void> spoken_last_;
};

}  // namespace oob::sim
