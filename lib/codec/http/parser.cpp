#include "codec/http/parser.h"

#include "core/text.h"

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace oob::codec::http {

namespace {

namespace beast = boost::beast;

/// Interim replies (100 Continue and the like) that may stand before the real one.
constexpr int most_interim_replies = 8;

constexpr std::uint64_t until_the_peer_closes = std::numeric_limits<std::uint64_t>::max();

Error malformed(std::string_view what) {
    return Error(Class::protocol, "http.malformed", join({"the peer does not speak HTTP: ", what}),
                 "check that the port is the one of the management service");
}

Error too_large(std::string_view what, std::size_t limit) {
    return Error(Class::protocol, "http.too_large", join({"the ", what, " is longer than allowed"}))
        .with("limit_bytes", limit);
}

Error truncated() {
    return Error(Class::protocol, "http.truncated",
                 "the connection was closed before the message was complete");
}

/// What Beast calls while it reads: puts the message together as it arrives, fields in their order
/// and spelling.
template <bool is_request>
class Collector : public beast::http::basic_parser<is_request> {
 public:
    using Message = std::conditional_t<is_request, Request, Response>;

    Message message;
    std::uint64_t chunk_left = 0;  ///< bytes of the present chunk that have not arrived yet
    int version = 0;               ///< 10 or 11

    /// How many of the next bytes are body and nothing else.
    std::uint64_t body_left() const {
        if (!this->is_header_done() || this->is_done()) return 0;
        if (this->chunked()) return chunk_left;
        return this->content_length_remaining().value_or(until_the_peer_closes);
    }

 private:
    using Code = beast::error_code;
    using Text = beast::string_view;

    void on_request_impl(beast::http::verb, Text method, Text target, int number, Code&) override {
        version = number;
        if constexpr (is_request) {
            message.method = method;
            message.target = target;
        }
    }

    void on_response_impl(int status, Text reason, int number, Code&) override {
        version = number;
        if constexpr (!is_request) {
            message.status = status;
            message.reason = reason;
        }
    }

    void on_field_impl(beast::http::field, Text name, Text value, Code&) override {
        if (this->is_header_done()) return;  // trailers mean nothing to us
        message.fields.add(std::string(name), std::string(value));
    }

    void on_header_impl(Code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}

    std::size_t on_body_impl(Text body, Code&) override {
        message.body.append(body.data(), body.size());
        return body.size();
    }

    void on_chunk_header_impl(std::uint64_t size, Text, Code&) override { chunk_left = size; }

    std::size_t on_chunk_body_impl(std::uint64_t, Text body, Code&) override {
        message.body.append(body.data(), body.size());
        chunk_left -= body.size();
        return body.size();
    }

    void on_finish_impl(Code&) override {}
};

/// False when a message cannot begin like this, so that another protocol is noticed at once.
bool plausible_start(std::string_view line, std::false_type) {
    constexpr std::string_view start = "HTTP/1.";
    return line.substr(0, start.size()) == start.substr(0, line.size());
}

bool plausible_start(std::string_view line, std::true_type) {
    if (line.empty() || line == "\r" || line == "\r\n") return true;
    if (line.front() < 'A' || line.front() > 'Z') return false;
    return std::ranges::none_of(line.substr(0, line.find('\r')), [](char letter) {
        return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f;
    });
}

/// Feeds Beast in an order of its own: whole lines where the message is lines, anything where it is
/// body. So the result does not depend on how the bytes were cut on their way.
template <bool is_request>
class Engine {
 public:
    explicit Engine(Limits limits) : limits_(limits) { restart(); }

    Result<std::size_t> feed(View bytes) {
        std::string_view rest = as_text(bytes);
        while (!rest.empty() && !failure_ && !done())
            rest.remove_prefix(collector_->body_left() > 0 ? take_body(rest) : take_line(rest));
        if (failure_) return std::unexpected(*failure_);
        return bytes.size() - rest.size();
    }

    Result<void> end_of_stream() {
        if (failure_) return std::unexpected(*failure_);
        if (done()) return {};
        beast::error_code code = beast::http::error::partial_message;
        if (collector_->is_header_done()) collector_->put_eof(code);
        if (!code) return {};
        failure_ = truncated();
        return std::unexpected(*failure_);
    }

    bool done() const { return collector_->is_done(); }
    bool untouched() const { return !touched_; }
    bool has_header() const { return collector_->is_header_done(); }
    /// The header is complete and the body is still to come, whole.
    bool awaits_body() const {
        return collector_->is_header_done() && !done() && pending_.empty() &&
               collector_->chunk_left == 0 && collector_->message.body.empty();
    }
    const Collector<is_request>& collector() const { return *collector_; }

    typename Collector<is_request>::Message take() {
        collector_->message.keep_alive = collector_->keep_alive();
        return std::move(collector_->message);
    }

 private:
    void restart() {
        collector_ = std::make_unique<Collector<is_request>>();
        collector_->header_limit(std::numeric_limits<std::uint32_t>::max());  // counted here
        collector_->body_limit(limits_.body_bytes);
        line_bytes_ = 0;
        first_line_ = true;
    }

    std::size_t take_body(std::string_view rest) {
        const std::uint64_t left = std::min<std::uint64_t>(collector_->body_left(), rest.size());
        const std::size_t used = put(rest.substr(0, left));
        if (used == 0 && !failure_) failure_ = malformed("a body that cannot be read");
        return used;
    }

    /// Moves bytes to pending_ up to the end of the line; Beast gets them when the line is whole.
    std::size_t take_line(std::string_view rest) {
        const std::size_t end = rest.find('\n');
        std::string_view part = rest.substr(0, end == std::string_view::npos ? end : end + 1);
        const std::size_t room = limits_.header_bytes - line_bytes_;
        const bool fits = part.size() <= room;
        part = part.substr(0, room);
        pending_ += part;
        line_bytes_ += part.size();
        if (pending_.find_first_not_of("\r\n") != std::string::npos) touched_ = true;

        if (first_line_ && !plausible_start(pending_, std::bool_constant<is_request>{}))
            failure_ = malformed("no HTTP message begins like this");
        else if (!fits)
            failure_ = too_large("header", limits_.header_bytes);
        else if (part.ends_with('\n'))
            finish_line();
        return part.size();
    }

    void finish_line() {
        if (!pending_.ends_with("\r\n")) {
            failure_ = malformed("a line does not end with CR LF");
            return;
        }
        if (first_line_ && pending_ == "\r\n") {  // RFC 9112, section 2.2: ignored before a request
            pending_.clear();
            return;
        }
        first_line_ = false;
        const bool was_in_header = !collector_->is_header_done();
        pending_.erase(0, put(pending_));
        if (failure_ || !collector_->is_header_done()) return;
        if (pending_.empty()) line_bytes_ = 0;
        if (was_in_header) finish_header();
    }

    void finish_header() {
        const auto& message = collector_->message;
        if constexpr (is_request) {
            if (message.fields.find("Transfer-Encoding") && !collector_->chunked())
                failure_ = malformed("a transfer encoding other than chunked");
        } else if (message.status < 100) {
            failure_ = malformed("a status below 100");
        } else if (message.status < 200 && message.status != 101) {
            if (++interim_replies_ > most_interim_replies)
                failure_ = malformed("too many interim replies");
            restart();
        }
    }

    /// Lets Beast read; returns how much it took. What it has not understood yet is no error.
    std::size_t put(std::string_view bytes) {
        beast::error_code code;
        const std::size_t used =
            collector_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), code);
        if (code == beast::http::error::body_limit)
            failure_ = too_large("body", limits_.body_bytes);
        else if (code && code != beast::http::error::need_more)
            failure_ = malformed(code.message());
        return used;
    }

    Limits limits_;
    std::unique_ptr<Collector<is_request>> collector_;  // never null; a new one for each message
    std::string pending_;                               // lines that Beast has not taken yet
    std::size_t line_bytes_ = 0;  // of the header, later of the lines around one chunk
    bool first_line_ = true;      // the start line has not been read yet
    bool touched_ = false;
    int interim_replies_ = 0;
    std::optional<Error> failure_;  // the first one stays
};

}  // namespace

struct ResponseParser::Impl : Engine<false> {
    using Engine::Engine;
};

ResponseParser::ResponseParser(Limits limits) : impl_(std::make_unique<Impl>(limits)) {}
ResponseParser::ResponseParser(ResponseParser&&) noexcept = default;
ResponseParser& ResponseParser::operator=(ResponseParser&&) noexcept = default;
ResponseParser::~ResponseParser() = default;

Result<std::size_t> ResponseParser::feed(View bytes) { return impl_->feed(bytes); }
Result<void> ResponseParser::end_of_stream() { return impl_->end_of_stream(); }
bool ResponseParser::done() const { return impl_->done(); }
bool ResponseParser::untouched() const { return impl_->untouched(); }
const Response* ResponseParser::so_far() const {
    return impl_->has_header() ? &impl_->collector().message : nullptr;
}
Response ResponseParser::take() { return impl_->take(); }

struct RequestParser::Impl : Engine<true> {
    using Engine::Engine;
};

RequestParser::RequestParser(Limits limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;
RequestParser::~RequestParser() = default;

Result<std::size_t> RequestParser::feed(View bytes) { return impl_->feed(bytes); }
bool RequestParser::done() const { return impl_->done(); }
bool RequestParser::untouched() const { return impl_->untouched(); }

bool RequestParser::wants_continue() const {
    if (!impl_->awaits_body() || impl_->collector().version < 11) return false;
    const auto expect = impl_->collector().message.fields.find("Expect");
    return expect && equal_ignoring_case(*expect, "100-continue");
}

Request RequestParser::take() { return impl_->take(); }

}  // namespace oob::codec::http
