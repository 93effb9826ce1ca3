#pragma once

#include "codec/redirection/session.h"
#include "session/redirection_session.h"
#include "support/scripted_stream.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace oob::test {

inline const codec::redirection::DigestChallenge challenge{
    "Digest:A4070000000000000000000000000000", "aB3dEfGhIjKlMnOpQrStUvWxYz012345", "auth"};

inline std::string text(const Bytes& bytes) { return std::string(as_text(bytes)); }

inline std::string login_reply(std::uint8_t status, codec::redirection::Method method,
                               Bytes data = {}) {
    return text(encode(codec::redirection::AuthenticateReply{status, method, std::move(data)}));
}

/// The peer of a session, over TLS when something is said of its key.
inline session::Peer peer(std::unique_ptr<ScriptedStream> stream,
                          std::optional<net::Verified> verified = std::nullopt) {
    session::Peer out{std::move(stream), std::nullopt};
    if (verified) {
        out.trusted.emplace().verified = *verified;
        out.trusted->facts.fingerprint = "sha256:0123";
    }
    return out;
}

/// What a device says until a client is logged in, a piece for each message that it hears.
inline std::vector<std::string> login() {
    using namespace codec::redirection;
    return {text(encode(StartSessionReply{0, 16, 1})),
            login_reply(0, Method::query, {static_cast<std::byte>(Method::digest)}),
            login_reply(authenticate_failed, Method::digest,
                        encode_challenge(challenge, Method::digest)),
            login_reply(authenticate_success, Method::digest)};
}

/// The pieces as a ScriptedStream takes them.
inline std::string script(const std::vector<std::string>& pieces) {
    std::string out;
    for (const std::string& piece : pieces) out += ScriptedStream::turn + piece;
    return out;
}

}  // namespace oob::test
