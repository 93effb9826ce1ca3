#pragma once

#include "core/error.h"
#include "core/secret.h"
#include "net/backoff.h"
#include "net/dialer.h"
#include "net/via_spec.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace oob::net {

/// Asks the person at the terminal and waits for the answer; nothing when there is none. With
/// `echo` the answer is seen while it is typed.
using AskPerson = std::function<std::optional<Secret>(const std::string& prompt, bool echo)>;

struct SshOptions {
    DialOptions dial;
    AskPerson ask;  ///< empty: nobody may be asked
};

/// One SSH connection to a host from which devices are reached, shared by all connections to them
/// (RFC 4254, section 7.2: direct-tcpip channels). Everything happens on the event loop. The host's
/// key must be in known_hosts; the login is tried with the agent, the user's key files, and what
/// the person answers.
class SshBastion {
 public:
    class Connection;

    SshBastion(SshPlace place, SshOptions options);
    SshBastion(const SshBastion&) = delete;
    SshBastion& operator=(const SshBastion&) = delete;
    ~SshBastion();

    /// Connects and logs in; for the beginning of a run, since it may ask. A failure is final:
    /// every open() fails with it. Throws Failure: connect.bastion, resolve.bastion,
    /// timeout.bastion when it cannot be reached; connect.bastion_unknown and
    /// connect.bastion_changed (the key), auth.bastion; those of connect_tcp that are no fault of
    /// the bastion. The bastion outlives the task.
    Task<void> connect();
    /// A connection from the bastion to the endpoint. Connects again, without asking, when the SSH
    /// connection was lost meanwhile; after pauses that grow while no connection comes of it. The
    /// bastion has `limit` for the connection, else what the options say. Throws Failure: those of
    /// connect(); connect.refused, connect.failed, forbidden.bastion (forwarding is switched off),
    /// timeout.connect. The bastion outlives the task; its stream does not need it.
    Task<StreamPtr> open(Endpoint endpoint, std::optional<std::chrono::milliseconds> limit = {});
    /// Ends the connection. To be called before the loop ends.
    void close();

 private:
    Task<void> reconnect();

    SshPlace place_;
    SshOptions options_;
    std::shared_ptr<Connection> connection_;  // shared with its streams and the loop's handlers
    std::optional<Error> failure_;
    Backoff logins_;
    bool connecting_ = false;
};

}  // namespace oob::net
