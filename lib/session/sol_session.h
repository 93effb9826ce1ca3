#pragma once

#include "codec/redirection/sol.h"
#include "net/bell.h"
#include "net/deadline.h"
#include "session/redirection_session.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

namespace oob::session {

/// Serial-over-LAN on a session that has logged in (reference redirection, chapters 3 and 9). One
/// task reads, one runs write_loop(), and any may type.
class SolSession {
 public:
    /// The device ends a session whose client says nothing for SolStart::receive_timeout.
    static constexpr std::chrono::milliseconds usual_heartbeat{2'000};
    /// Once the end is wished: for the next message to be taken, or the reply to the last one. All
    /// of it may take three times as long.
    static constexpr std::chrono::milliseconds usual_patience{3'000};

    explicit SolSession(RedirectionSession session,
                        std::chrono::milliseconds heartbeat = usual_heartbeat,
                        std::chrono::milliseconds patience = usual_patience)
        : session_(std::move(session)), heartbeat_(heartbeat), patience_(patience) {}

    /// Throws Failure: firmware.sol, timeout.sol, and those of the session.
    net::Task<void> start();
    /// Bytes from the host, void at the next call; empty when only the host's power was told;
    /// nothing at the end. A device that says nothing for 30 seconds is gone: timeout.silence. One
    /// that takes nothing of what is written: timeout.write.
    net::Task<std::optional<View>> read();
    /// Queues bytes for the host; waits while much is queued. After finish() they are dropped.
    /// Throws Failure when nothing can be sent any more.
    net::Task<void> type(View bytes);
    /// Sends what is queued, and heartbeats, until finish() was called and everything is sent. Some
    /// task has to read meanwhile. Throws Failure: those of the stream, timeout.write also when
    /// something was left that the device did not take after finish().
    net::Task<void> write_loop();
    /// Ends the session once everything is sent; read() gets to the end then. A device that takes
    /// nothing any more, or does not answer the end, is waited for no longer than a few seconds.
    void finish();

    /// Whether the host is on, as the device told last.
    std::optional<bool> host_on() const { return host_on_; }

 private:
    net::Task<std::optional<View>> read_message();
    net::Task<std::optional<View>> hear();
    net::Task<void> write_all();
    net::Task<void> send_queued();
    net::Task<void> send(Bytes message);
    net::Task<void> end_in_time();
    void note_end(Result<void>& written);
    void give_up();

    RedirectionSession session_;
    std::chrono::milliseconds heartbeat_;
    std::chrono::milliseconds patience_;
    std::uint32_t sequence_ = 0;
    Bytes outbox_;
    net::Bell changed_;
    std::size_t under_way_ = 0;       // bytes that have left the outbox and are not sent yet
    net::Clock::time_point moved_{};  // when a message was sent last
    std::optional<Error> broken_;     // why nothing can be sent any more
    bool finishing_ = false;
    bool heard_end_ = false;
    bool written_ = false;  // nothing more will be
    bool closed_ = false;   // here, because the device did not come to the end
    std::optional<bool> host_on_;
};

}  // namespace oob::session
