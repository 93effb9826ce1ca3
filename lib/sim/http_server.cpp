#include "sim/http_server.h"

#include "codec/wsman/message.h"
#include "net/deadline.h"
#include "sim/pages.h"
#include "sim/reply_writer.h"

#include <array>
#include <utility>

namespace oob::sim {

namespace http = codec::http;
namespace wsman = codec::wsman;

namespace {

constexpr std::size_t chunk_bytes = 512;
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

/// What is still read and thrown away after a refusal, so that the refusal is not lost in a reset.
constexpr std::size_t most_drained_bytes = 1 << 20;
constexpr std::chrono::milliseconds drain_limit{2'000};

constexpr std::string_view too_large =
    "An internal encoding limit was exceeded in a request or would be violated if the message were "
    "processed.";

struct Page {
    std::string_view target;
    std::string_view heading;
    std::string_view text;
    bool open;  ///< seen without logging on
};

constexpr Page web_pages[] = {
    {"/logon.htm", "Log on", "This is a virtual device. Log on to see its status.", true},
    {"/index.htm", "System status", "This virtual device is managed through WS-Management.", false},
};

/// Cut in the middle of whatever stands there, with an open bracket after it.
std::string mangled(std::string_view envelope) {
    return std::string(envelope.substr(0, envelope.size() / 2)) + "<";
}

}  // namespace

HttpServer::HttpServer(net::Stream& stream, Member& member, Port port, std::string remote,
                       bool crowded)
    : stream_(stream),
      member_(member),
      port_(port),
      remote_(std::move(remote)),
      crowded_(crowded) {}

net::Task<void> HttpServer::serve() {
    for (;;) {
        std::optional<http::Request> request = co_await read_request();
        if (!request) co_return;

        faults_ = member_.faults();
        touched_ = false;
        JournalEntry record = entry();
        record.method = request->method;
        record.target = request->target;
        record.request_bytes = request->body.size();
        Reply reply = reply_to(*request, record);
        record.status = reply.response.status;
        member_.record(std::move(record));

        const bool last = reply.close || !request->keep_alive;
        co_await send(std::move(reply));
        if (last) co_return;
        if (!member_.device.port_open(port_)) {  // the request closed its own port
            stream_.reset();
            co_return;
        }
    }
}

net::Task<std::optional<http::Request>> HttpServer::read_request() {
    if (pending_.empty()) {
        pending_ = co_await net::within(limits().idle, read_chunk(), "idle");
        if (pending_.empty()) co_return std::nullopt;
    }
    parser_.emplace(http::Limits{limits().header_bytes, limits().body_bytes});
    const Result<bool> complete =
        co_await net::attempt(net::within(limits().request, read_rest(), "request"));
    if (!complete) {
        co_await refuse(complete.error());
        co_return std::nullopt;
    }
    std::optional<http::Request> request;
    if (*complete) request = parser_->take();
    parser_.reset();
    co_return request;
}

net::Task<bool> HttpServer::read_rest() {
    bool told_to_go_on = false;
    for (;;) {
        const std::size_t used = take(parser_->feed(pending_));
        pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(used));
        if (parser_->done()) co_return true;
        if (parser_->wants_continue() && !std::exchange(told_to_go_on, true))
            co_await stream_.write(as_view(go_on));
        pending_ = co_await read_chunk();
        if (pending_.empty()) co_return false;
    }
}

net::Task<Bytes> HttpServer::read_chunk() {
    std::array<std::byte, chunk_bytes> chunk;
    const std::size_t count = co_await stream_.read_some(chunk);
    co_return Bytes(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(count));
}

/// Not a request, or one that takes for ever: 400 while the connection lasts.
net::Task<void> HttpServer::refuse(Error error) {
    if (error.kind != Class::protocol && error.kind != Class::timeout) fail(std::move(error));
    JournalEntry record = entry();
    record.event = JournalEntry::Event::malformed;
    record.status = 400;
    record.note = error.message;
    member_.record(std::move(record));
    faults_ = {};
    co_await send(this->error(400));
    (void)co_await net::attempt(net::within(drain_limit, drain(), "drain"));
}

net::Task<void> HttpServer::drain() {
    for (std::size_t drained = 0; drained < most_drained_bytes;) {
        const Bytes chunk = co_await read_chunk();
        if (chunk.empty()) co_return;
        drained += chunk.size();
    }
}

HttpServer::Reply HttpServer::reply_to(const http::Request& request, JournalEntry& record) {
    if (crowded_) return error(503);
    if (faults_.status) {
        touched_ = true;
        return error(*faults_.status);
    }
    if (request.target != "/wsman") return serve_page(request, record);
    return request.method == "POST" ? serve_wsman(request, record) : error(405);
}

HttpServer::Reply HttpServer::serve_page(const http::Request& request, JournalEntry& record) {
    const bool get = request.method == "GET";
    if (request.target == "/") return get ? Reply{pages::to_logon(server())} : error(405);
    for (const Page& page : web_pages) {
        if (page.target != request.target) continue;
        if (!get) return error(405);
        if (!page.open) {
            auto account = log_in(request, record);
            if (!account) return std::move(account).error();
        }
        return Reply{pages::page(server(), page.heading, page.text)};
    }
    return error(404);
}

HttpServer::Reply HttpServer::serve_wsman(const http::Request& request, JournalEntry& record) {
    auto account = log_in(request, record);
    if (!account) return std::move(account).error();

    Answer answer;
    if (request.body.size() > limits().envelope_bytes) {
        answer.status = 400;
        answer.body =
            wsman::encode_fault({"Sender", "e:EncodingLimit", std::string(too_large), {}}, {}, 0);
    } else {
        answer = member_.device.answer(request.body, Caller{*std::move(account), tls()});
    }
    record.device = std::move(answer.journal);

    if (faults_.body != Faults::Body::whole) touched_ = true;
    if (faults_.body == Faults::Body::malformed) answer.body = mangled(answer.body);
    return Reply{
        pages::soap(server(), answer.status, std::move(answer.body), member_.surroundings().now()),
        true, answer.status != 200};
}

std::expected<Account, HttpServer::Reply> HttpServer::log_in(const http::Request& request,
                                                             JournalEntry& record) {
    Surroundings& around = member_.surroundings();
    Login login = member_.guard.check(member_.device, request, logins_, tls(), around.now());
    if (login.verdict == Verdict::rejected && member_.guard.locked(around.now()))
        member_.device.logins_failed(member_.guard.failures());  // these have locked the device
    if (login.verdict == Verdict::accepted && (faults_.wrong_digest || faults_.stale_nonce)) {
        login.verdict = faults_.wrong_digest ? Verdict::rejected : Verdict::unknown_nonce;
        touched_ = true;
    }
    record.user = login.user;
    record.login = name(login.verdict);
    if (login.verdict == Verdict::accepted) return *std::move(login.account);
    const auto challenge =
        member_.guard.challenge(member_.device.digest_realm(), around.now(), around.random);
    return std::unexpected(Reply{pages::unauthorized(server(), challenge), false, true});
}

HttpServer::Reply HttpServer::error(int status) {
    return Reply{pages::error(server(), status), false, true};
}

net::Task<void> HttpServer::send(Reply reply) {
    std::string bytes =
        reply.chunked ? http::encode_chunked(reply.response) : http::encode(reply.response);
    if (faults_.latency.count() > 0 || faults_.jitter.count() > 0 || faults_.dribble ||
        (faults_.reset_at && *faults_.reset_at < bytes.size()))
        touched_ = true;
    if (touched_) member_.spend_fault();
    co_await ReplyWriter(stream_, member_.surroundings())
        .send(std::move(bytes), reply.chunked, faults_);
}

JournalEntry HttpServer::entry() const {
    JournalEntry out;
    out.port = port_;
    out.remote = remote_;
    return out;
}

}  // namespace oob::sim
