#pragma once

#include "codec/http/digest.h"
#include "codec/http/message.h"
#include "codec/http/parser.h"
#include "core/secret.h"
#include "core/trace.h"
#include "net/stream.h"
#include "net/task.h"
#include "session/door.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace oob::session {

/// What an exchange does to the device, and so what a lost answer means (contract, section 3).
enum class Effect {
    reads,     ///< may be sent a second time
    advances,  ///< harmless, but the second answer would not be the first (Pull)
    changes,   ///< never repeated; a lost answer is indeterminate
};

/// The value of a codec's result; its error gets a hint for the person at the keyboard when it has
/// none.
template <class T>
T take_explained(Result<T> result) {
    if (!result && result.error().hint.empty())
        result.error().hint =
            "the device, or something in between, does not speak as AMT does; --trace FILE shows "
            "what came";
    return take(std::move(result));
}

/// One HTTP conversation with one device: digest login, keep-alive, a new connection after each
/// 401, because AMT closes then (reference wsman, sections 1.5 and 1.8).
class HttpClient {
 public:
    struct Options {
        std::function<net::Task<net::StreamPtr>()>
            connect;       ///< opens and, where wanted, secures a connection
        std::string host;  ///< for the Host header
        std::string user;
        Secret password;
        codec::http::Limits limits;
        /// For one exchange, whatever it takes.
        std::chrono::milliseconds longest_exchange{30'000};
        Trace* trace = nullptr;  ///< outlives the client
        Door* door = nullptr;    ///< what each request that changes something passes; outlives it
        /// Told the Server header of each response, whatever its status; may be empty.
        std::function<void(std::string_view)> heard_server;
    };

    explicit HttpClient(Options options) : options_(std::move(options)) {}

    /// One request, one response of status 200 or 400 (a fault is the caller's to read). Throws
    /// Failure: auth.rejected, forbidden.http, unsupported.http, firmware.busy, firmware.http,
    /// timeout.answer, http.*, connect.*, tls.*. The client must outlive the call.
    net::Task<codec::http::Response> exchange(codec::http::Request request, Effect effect);

    /// Texts that the trace does not show from now on, wherever they stand.
    void hide(std::vector<std::string> texts) { hidden_ = std::move(texts); }

    /// The realm that the device announced; empty before the first challenge.
    std::string realm() const { return challenge_ ? challenge_->realm : std::string(); }
    void close();

 private:
    net::Task<codec::http::Response> exchange_in_time(codec::http::Request request, Effect effect);
    net::Task<codec::http::Response> once(codec::http::Request request, Effect effect);
    net::Task<codec::http::Response> send_and_read(std::string wire);
    net::Task<codec::http::Response> read_response();
    std::string authorization(const codec::http::Request& request);
    void trace(char arrow, std::string text);
    /// Takes the new challenge out of a 401; fails when the credentials themselves were refused.
    void renew(const codec::http::Response& response, bool answered_fresh_challenge);

    Options options_;
    net::StreamPtr stream_;
    std::optional<codec::http::Challenge> challenge_;
    std::uint32_t nonce_count_ = 0;
    std::vector<std::string> hidden_;
    bool used_ = false;  // the connection has served an exchange already
};

}  // namespace oob::session
