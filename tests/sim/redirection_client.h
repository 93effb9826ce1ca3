#pragma once

#include "codec/redirection/frame.h"
#include "codec/redirection/session.h"
#include "codec/redirection/sol.h"
#include "server_rig.h"

#include <doctest/doctest.h>

#include <string>

namespace oob::sim::test {

using namespace codec::redirection;

/// A client of the redirection port that sends and sees messages.
class RedirectionClient {
 public:
    static constexpr const char* address = "127.77.9.1";

    explicit RedirectionClient(const Rig& rig, const char* host = address)
        : client_(host, rig.ports().redirection) {}

    void send(const Bytes& bytes) { client_.send(as_text(bytes)); }
    /// The next message; empty at the end.
    Bytes next() {
        for (;;) {
            if (const auto message = framer_.next().value())
                return Bytes(message->begin(), message->end());
            const std::string more = client_.read_some();
            if (more.empty()) return {};
            framer_.feed(as_view(more));
        }
    }
    std::uint8_t start(Protocol protocol = Protocol::sol) {
        send(encode(StartSession{protocol}));
        return decode_start_session_reply(next()).value().status;
    }
    /// The status of the last reply.
    std::uint8_t log_in(const char* secret = password) {
        DigestLogin first;
        first.user = "admin";
        first.uri = redirection_uri;
        send(encode(Authenticate{Method::digest, encode_login(first, Method::digest)}));
        const auto asked = decode_authenticate_reply(next()).value();
        REQUIRE(asked.status == authenticate_failed);
        const auto challenge = decode_challenge(asked.data, Method::digest).value();
        CHECK(challenge.nonce.size() == 32);
        CHECK(challenge.qop == "auth");
        const auto login = answer(challenge, Method::digest, "admin", Secret(std::string(secret)),
                                  "0123456789abcdef");
        send(encode(Authenticate{Method::digest, encode_login(login, Method::digest)}));
        return decode_authenticate_reply(next()).value().status;
    }
    /// Everything that the host prints until it has printed the words.
    std::string read_until(std::string_view words) {
        std::string out;
        while (out.find(words) == std::string::npos) {
            const Bytes message = next();
            if (message.empty()) break;
            if (code_of(message) == Code::sol_data_from_host)
                out += as_text(decode_sol_data(message).value());
        }
        return out;
    }
    void type(std::string_view keys) {
        send(encode_sol_data(Code::sol_data_to_host, 0, as_view(keys)));
    }

 private:
    RawClient client_;
    Framer framer_{Side::device};
};

}  // namespace oob::sim::test
