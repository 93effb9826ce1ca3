#include "session/http_client.h"

#include "codec/wsman/redaction.h"
#include "core/excerpt.h"
#include "core/text.h"
#include "net/deadline.h"
#include "session/redact.h"

#include <openssl/rand.h>

#include <array>

namespace oob::session {

namespace http = codec::http;
using net::Task;

namespace {

/// A device answers 401 once for the login and once more for a nonce that has gone stale.
constexpr int most_sends = 4;
constexpr std::size_t read_size = 8 * 1024;

std::string random_cnonce() {
    std::array<std::byte, 8> bytes{};
    RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    return hex_lower(bytes);
}

[[noreturn]] void fail_with_status(const http::Response& response) {
    const int status = response.status;
    const std::string said = "the device answered HTTP " + std::to_string(status) +
                             (response.reason.empty() ? "" : " " + excerpt(response.reason));
    Error error(Class::firmware, "firmware.http", said, "is this a device with Intel AMT?");
    if (status == 403) {
        error.kind = Class::forbidden;
        error.code = "forbidden.http";
        error.hint =
            "the account lacks the realm for this; ask for it in AMT's access control list";
    } else if (status == 404 || status == 405) {
        error.kind = Class::unsupported;
        error.code = "unsupported.http";
        error.hint = "nothing serves WS-Management there; is it the right port?";
    } else if (status == 503) {
        error.code = "firmware.busy";
        error.hint =
            "the device has too many connections; try again, with a smaller --fanout if many tools "
            "use it";
        error.retryable = true;
    }
    fail(std::move(error).with("http", status));
}

}  // namespace

void HttpClient::close() {
    if (stream_) stream_->close();
    stream_.reset();
}

std::string HttpClient::authorization(const http::Request& request) {
    const std::string cnonce = random_cnonce();
    const http::DigestInput input{.method = request.method,
                                  .uri = request.target,
                                  .body = request.body,
                                  .cnonce = cnonce,
                                  .nc = ++nonce_count_};
    return http::encode_authorization(*challenge_, options_.user, options_.password, input);
}

void HttpClient::renew(const http::Response& response, bool answered_fresh_challenge) {
    const std::string header = response.fields.combined("WWW-Authenticate");
    if (header.empty())
        fail(Error(Class::protocol, "http.no_challenge",
                   "the device answered 401 without a challenge",
                   "is this a device with Intel AMT?")
                 .with("http", 401));
    http::Challenge challenge = take_explained(http::decode_challenge(header));
    if (answered_fresh_challenge && !challenge.stale)
        fail(Error(Class::auth, "auth.rejected",
                   "the device refused the digest login of " + options_.user,
                   "check --user and --credential; after ten wrong logins AMT locks the account "
                   "for a while")
                 .with("http", 401));
    challenge_ = std::move(challenge);
    nonce_count_ = 0;
}

void HttpClient::trace(char arrow, std::string text) {
    options_.trace->write(options_.host, arrow, codec::wsman::without(std::move(text), hidden_));
}

Task<http::Response> HttpClient::read_response() {
    http::ResponseParser parser(options_.limits);
    Bytes chunk(read_size);
    while (!parser.done()) {
        const std::size_t count = co_await stream_->read_some(chunk);
        if (count == 0) {
            if (parser.untouched())
                fail(Class::connect, "connect.closed",
                     "the device closed the connection without an answer",
                     "was it restarted? has it too many connections?");
            take_explained(parser.end_of_stream());
            break;
        }
        const std::size_t used = take_explained(parser.feed(View(chunk).first(count)));
        if (used < count)
            fail(Class::protocol, "http.trailing", "the device sent more than its answer",
                 "is a proxy in between? try --trace");
    }
    co_return parser.take();
}

Task<http::Response> HttpClient::once(http::Request request, Effect effect) {
    const std::string wire = http::encode(request);
    // Without a login the device only answers 401: nothing can have changed yet.
    const bool acts = effect == Effect::changes && request.fields.find("Authorization");
    for (;;) {
        const bool reused = stream_ && used_;
        if (!stream_) {
            stream_ = co_await options_.connect();
            used_ = false;
        }
        if (options_.trace) trace('>', redact(wire));
        Task<http::Response> sending = send_and_read(wire);
        if (acts) sending = net::committing(std::move(sending));
        auto result = co_await net::attempt(std::move(sending));
        if (result) {
            used_ = true;
            if (options_.trace) trace('<', describe(*result));
            if (const auto server = result->fields.find("Server"); server && options_.heard_server)
                options_.heard_server(*server);
            if (!result->keep_alive) close();
            co_return *std::move(result);
        }
        close();
        // A kept connection may have been closed while it lay idle: nothing was heard of this
        // request then.
        const bool idle_close = reused && result.error().kind == Class::connect;
        if (!idle_close || effect != Effect::reads) fail(std::move(result).error());
    }
}

Task<http::Response> HttpClient::send_and_read(std::string wire) {
    co_await stream_->write(as_view(wire));
    co_return co_await read_response();
}

Task<http::Response> HttpClient::exchange(http::Request request, Effect effect) {
    if (effect == Effect::changes && options_.door) options_.door->pass();
    request.fields.add("Host", options_.host);
    auto response = co_await net::attempt(net::within(
        options_.longest_exchange, exchange_in_time(std::move(request), effect), "answer"));
    if (!response) close();  // it may have been cut off in the middle
    co_return take(std::move(response));
}

Task<http::Response> HttpClient::exchange_in_time(http::Request request, Effect effect) {
    bool fresh = false;
    for (int sends = 0; sends < most_sends; ++sends) {
        http::Request attempt = request;
        if (challenge_) attempt.fields.add("Authorization", authorization(request));
        http::Response response = co_await once(std::move(attempt), effect);
        if (response.status == 200 || response.status == 400) co_return response;
        if (response.status != 401) fail_with_status(response);
        close();  // AMT closes after a 401 even where it does not say so
        renew(response, fresh);
        fresh = true;
    }
    fail(Error(Class::auth, "auth.stale", "the device keeps asking for a new login",
               "its clock or firmware may be in trouble; try again later")
             .with("http", 401));
}

}  // namespace oob::session
