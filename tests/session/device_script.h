#pragma once

#include "session/http_client.h"
#include "support/scripted_stream.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace oob::test {

inline constexpr const char* challenge_response =
    "HTTP/1.1 401 Unauthorized\r\n"
    "WWW-Authenticate: Digest realm=\"Digest:A3B1C5D7E9F00112233445566778899A\", "
    "nonce=\"ChssPSEAAAAAAAAAABEiM0RVZneImaq7\",stale=\"false\",qop=\"auth\"\r\n"
    "Content-Type: text/html\r\n"
    "Server: Intel(R) Active Management Technology 15.0.23.1706\r\n"
    "Content-Length: 7\r\n"
    "Connection: close\r\n\r\n</html>";

/// Between two answers on one connection.
inline const std::string turn(1, ScriptedStream::turn);

inline std::string ok_response(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nServer: Intel(R) Active Management Technology 15.0.23.1706\r\n"
           "Content-Type: application/soap+xml; charset=UTF-8\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// A device that follows a script: what it says on each connection, one after the other.
struct DeviceScript {
    std::vector<std::string> connections;
    std::size_t at_a_time = 1;
    std::vector<std::unique_ptr<ScriptedStream::Heard>> heard = {};

    session::HttpClient::Options options() {
        session::HttpClient::Options out;
        out.host = "pc1:16992";
        out.user = "admin";
        out.password = Secret(std::string("P@ssw0rd!"));
        out.connect = [this]() -> net::Task<net::StreamPtr> {
            if (heard.size() == connections.size())
                fail(Class::connect, "connect.refused", "nobody listens");
            heard.push_back(std::make_unique<ScriptedStream::Heard>());
            co_return std::make_unique<ScriptedStream>(connections[heard.size() - 1], at_a_time,
                                                       *heard.back());
        };
        return out;
    }
};

}  // namespace oob::test
