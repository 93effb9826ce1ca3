#pragma once

#include "codec/redirection/session.h"
#include "sim/member.h"
#include "sim/redirection_link.h"

#include <optional>
#include <string>

namespace oob::sim {

/// One connection to the redirection port of one device: what it is for, the login, and then what
/// the protocol asks for (reference redirection, chapters 2 and 6).
class RedirectionServer {
 public:
    /// Stream and member outlive it.
    RedirectionServer(net::Stream& stream, Member& member, Port port, std::string remote);

    /// Serves until either side ends the connection. Throws what the stream throws, and time-outs.
    net::Task<void> serve();

 private:
    /// The kind of session that was asked for and may start; nothing when it was refused.
    net::Task<std::optional<Redirected>> begin();
    /// False when the client gave up or was sent away.
    net::Task<bool> log_in();
    /// The answer to one login; true in `done` once the client is in, false when it has to go.
    Bytes judge(const codec::redirection::Authenticate& login, std::optional<bool>& done);
    Bytes decide(Login login, codec::redirection::AuthenticateReply reply,
                 std::optional<bool>& done);
    Bytes challenge(codec::redirection::Method method);
    bool takes_passwords() const;
    void note(JournalEntry::Event event, std::string why);

    RedirectionLink link_;
    Member& member_;
    Port port_;
    std::string remote_;
    std::string user_;
    std::string kind_;
};

}  // namespace oob::sim
