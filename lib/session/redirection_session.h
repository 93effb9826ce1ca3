#pragma once

#include "codec/redirection/frame.h"
#include "codec/redirection/session.h"
#include "core/secret.h"
#include "net/stream.h"
#include "net/task.h"
#include "net/trust.h"

#include <array>
#include <optional>
#include <string>

namespace oob::session {

/// A connection to a redirection port, and who is at its other end.
struct Peer {
    net::StreamPtr stream;
    std::optional<net::Trusted> trusted;  ///< nothing: there is no TLS, and so no key
};

/// A redirection connection that has logged in: messages in and out (reference redirection,
/// chapters 2 and 9). One task reads and one writes.
class RedirectionSession {
 public:
    struct Account {
        std::string user;
        Secret password;
    };

    /// Starts a session of the kind and logs in: with digest where it is offered; with the password
    /// in clear only when it is certain who gets it. Throws Failure: session_busy.redirection,
    /// precondition.redirection (switched off), consent.required, firmware.redirection,
    /// auth.rejected, unsupported.login, tls.unverified (the password would go to a key that
    /// nobody has verified), timeout.login, redirection.*, connect.*.
    static net::Task<RedirectionSession> open(Peer peer, codec::redirection::Protocol protocol,
                                              Account account);

    /// The next message, or nothing at the end of the stream; void at the next call.
    net::Task<std::optional<View>> receive();
    net::Task<void> send(Bytes message) { co_await stream_->write(message); }
    /// Several messages at once; the bytes outlive the task.
    net::Task<void> write(View messages) { return stream_->write(messages); }
    void close() { stream_->close(); }

 private:
    explicit RedirectionSession(Peer peer)
        : stream_(std::move(peer.stream)), trusted_(std::move(peer.trusted)) {}

    /// The next message, which must be this one.
    net::Task<View> expect(codec::redirection::Code code);
    net::Task<void> begin(codec::redirection::Protocol protocol);
    net::Task<void> log_in(Account account);
    net::Task<codec::redirection::Method> choose_method();
    net::Task<codec::redirection::AuthenticateReply> authenticate(
        codec::redirection::Authenticate login);

    net::StreamPtr stream_;
    std::optional<net::Trusted> trusted_;
    codec::redirection::Framer framer_{codec::redirection::Side::device};
    std::array<std::byte, 16384> chunk_;
};

}  // namespace oob::session
