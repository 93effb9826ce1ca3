#pragma once

#include "codec/http/message.h"
#include "codec/http/parser.h"
#include "net/stream.h"
#include "net/task.h"
#include "sim/member.h"

#include <expected>
#include <optional>
#include <string>

namespace oob::sim {

/// One connection to the HTTP server of one device: requests come in and replies go out one after
/// the other until either side ends it (reference wsman, chapter 1).
class HttpServer {
 public:
    /// Stream and member must outlive it. `crowded`: the device has too many connections, so all
    /// that it says is 503.
    HttpServer(net::Stream& stream, Member& member, Port port, std::string remote, bool crowded);

    /// Serves until the connection is to be closed. Throws what the stream throws, and
    /// timeout.idle, timeout.write.
    net::Task<void> serve();

 private:
    struct Reply {
        codec::http::Response response;
        bool chunked = false;
        bool close = false;  ///< the connection ends after it
    };

    /// Nothing when the peer ended the connection, or sent what is no request and has been told so.
    net::Task<std::optional<codec::http::Request>> read_request();
    /// Feeds parser_ until it is done; false when the peer ended the connection before.
    net::Task<bool> read_rest();
    net::Task<Bytes> read_chunk();
    net::Task<void> refuse(Error error);
    net::Task<void> drain();

    Reply reply_to(const codec::http::Request& request, JournalEntry& entry);
    Reply serve_page(const codec::http::Request& request, JournalEntry& entry);
    Reply serve_wsman(const codec::http::Request& request, JournalEntry& entry);
    /// The account, or the 401 that there is instead.
    std::expected<Account, Reply> log_in(const codec::http::Request& request, JournalEntry& entry);
    Reply error(int status);
    net::Task<void> send(Reply reply);

    JournalEntry entry() const;
    bool tls() const { return port_ == Port::https; }
    std::string_view server() const { return member_.firmware().personality->server; }
    const Limits& limits() const { return member_.surroundings().limits; }

    net::Stream& stream_;
    Member& member_;
    Port port_;
    std::string remote_;
    bool crowded_;
    SocketLogins logins_;
    std::optional<codec::http::RequestParser> parser_;
    Bytes pending_;         // received, not yet given to a parser
    Faults faults_;         // those in force when the request came
    bool touched_ = false;  // this request was, by one of them
};

}  // namespace oob::sim
