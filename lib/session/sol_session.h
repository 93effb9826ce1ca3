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

    explicit SolSession(RedirectionSession session,
                        std::chrono::milliseconds heartbeat = usual_heartbeat)
        : session_(std::move(session)), heartbeat_(heartbeat) {}

    /// Throws Failure: firmware.sol, timeout.sol, and those of the session.
    net::Task<void> start();
    /// Bytes from the host, void at the next call; empty when only the host's power was told;
    /// nothing at the end. A device that says nothing for 30 seconds is gone: timeout.silence.
    net::Task<std::optional<View>> read();
    /// Queues bytes for the host; waits while much is queued.
    net::Task<void> type(View bytes);
    /// Sends what is queued, and heartbeats, until finish() was called and everything is sent.
    net::Task<void> write_loop();
    /// Ends the session once everything is sent; read() gets to the end then.
    void finish();

    /// Whether the host is on, as the device told last.
    std::optional<bool> host_on() const { return host_on_; }

 private:
    net::Task<std::optional<View>> read_message();

    RedirectionSession session_;
    std::chrono::milliseconds heartbeat_;
    std::uint32_t sequence_ = 0;
    Bytes outbox_;
    net::Bell changed_;
    bool finishing_ = false;
    std::optional<bool> host_on_;
};

}  // namespace oob::session
