#include "session/http_image.h"

#include "codec/http/content_range.h"
#include "codec/http/parser.h"
#include "core/text.h"
#include "net/deadline.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace oob::session {

namespace http = codec::http;
using net::Task;

namespace {

constexpr std::chrono::milliseconds longest_answer{20'000};
constexpr std::size_t read_bytes = std::size_t{64} * 1024;
constexpr int most_redirections = 5;
constexpr int most_tries = 3;  // of one range

bool is_redirection(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string version_of(const http::Response& response) {
    for (const char* name : {"ETag", "Last-Modified"})
        if (const auto value = response.fields.find(name)) return std::string(*value);
    return {};
}

[[noreturn]] void refuse(const WebPlace& place, const std::string& why, const char* hint) {
    fail(Class::config, "config.image",
         join({"the image on ", place.host, " cannot be used: ", why}), hint);
    std::unreachable();
}

/// Where a redirection leads, seen from the place that it was at.
WebPlace redirected(const WebPlace& from, const http::Response& response) {
    const auto location = response.fields.find("Location");
    if (!location)
        refuse(from, "it is somewhere else, but the web server does not say where",
               "give the image's own address");
    WebPlace out = take(http::resolve_location(from, *location));
    if (from.secured && !out.secured)
        refuse(from, "the web server leads from https to http",
               "give the address of the other server yourself");
    return out;
}

[[noreturn]] void refuse_part(const WebPlace& place, const std::string& why) {
    fail(Class::protocol, "http.range",
         join({"the web server ", place.host,
               " answers with another part than was asked for: ", why}),
         "is a proxy or a cache in between? another web server may do better");
    std::unreachable();
}

/// What a 206 says of the range in it, which has to be the one that was asked for, and all of it.
http::ContentRange range_of(const WebPlace& place, const http::Response& response,
                            std::uint64_t first, std::uint64_t last) {
    const auto type = response.fields.find("Content-Type");
    if (type && lower(std::string(*type)).starts_with("multipart/"))
        refuse_part(place, "one that consists of several");
    const std::string coding = response.fields.combined("Content-Encoding");
    if (!coding.empty() && !equal_ignoring_case(coding, "identity"))
        refuse_part(place, "one that is packed (Content-Encoding)");
    const std::string said = response.fields.combined("Content-Range");
    if (said.empty()) refuse_part(place, "it does not say which (Content-Range)");
    const http::ContentRange range = take(http::decode_content_range(said));
    const auto text = [](std::uint64_t from, std::uint64_t to) {
        return join({std::to_string(from), "-", std::to_string(to)});
    };
    if (range.first != first || range.last != last)
        refuse_part(place, join({text(range.first, range.last), " for ", text(first, last)}));
    if (response.body.size() != range.length())
        refuse_part(place, join({std::to_string(response.body.size()), " bytes for ",
                                 std::to_string(range.length())}));
    return range;
}

/// A failure on the way to a web server, with a hint for whoever runs one: those of the layers
/// below are about managed devices.
Error explained(Error error, const WebPlace& place) {
    const bool ours = error.code == "http.range" || error.code == "http.content_range" ||
                      error.code == "http.location";
    if (ours) return error;
    switch (error.kind) {
        case Class::connect:
        case Class::timeout:
            error.hint = "is the web server up, and reachable from here on that port?";
            break;
        case Class::tls:
            error.hint =
                "the web server's certificate has to be one that the system's CAs or --tls-ca "
                "vouch for";
            break;
        case Class::protocol:
            error.hint = "is that the address of a web server?";
            break;
        default:
            return error;
    }
    error.message = join({"the web server ", place.host, ": ", error.message});
    return error;
}

}  // namespace

Result<WebPlace> parse_web_place(std::string_view url) {
    auto place = http::parse_url(url);
    if (!place)
        return std::unexpected(Error(Class::usage, "usage.image_url",
                                     "the image's URL cannot be used: " + place.error().message,
                                     url.contains('@')
                                         ? "serve the image without a login, or download it first"
                                         : "https://server/path/image.iso"));
    return place;
}

net::Endpoint endpoint_of(const WebPlace& place) { return {place.host, place.port_or_usual()}; }

Task<std::shared_ptr<HttpImage>> HttpImage::open(WebPlace place, Connect connect) {
    auto image = std::make_shared<HttpImage>(std::move(place), std::move(connect));
    co_await image->find_out();
    co_return image;
}

Task<void> HttpImage::find_out() {
    std::vector<WebPlace> seen;
    for (int i = 0; i < most_redirections; ++i) {
        seen.push_back(place_);
        const http::Response response = co_await get(0, 0);
        if (is_redirection(response.status)) {
            place_ = redirected(place_, response);
            if (std::ranges::find(seen, place_) != seen.end())
                refuse(place_, "the web server sends round in a circle",
                       "give the last address yourself");
            stream_.reset();
            continue;
        }
        if (response.status == 200)
            fail(Class::unsupported, "unsupported.image_ranges",
                 join({"the web server ", place_.host,
                       " does not serve parts of a file, and a disk is read in parts"}),
                 "download the image first, or use a web server that knows ranges");
        if (response.status == 416) refuse(place_, "it is empty", "was it copied whole?");
        if (response.status != 206)
            refuse(place_,
                   join({"the web server answers ", std::to_string(response.status), " ",
                         harmless(response.reason)}),
                   "is the path right? may everybody read it?");
        const http::ContentRange range = range_of(place_, response, 0, 0);
        if (!range.size) refuse_part(place_, "it does not say how large the whole is");
        size_ = *range.size;
        version_ = version_of(response);
        co_return;
    }
    refuse(place_, "too many redirections", "give the last address yourself");
}

/// A connection that was kept may have ended in the meantime, and reads may be repeated.
Task<http::Response> HttpImage::get(std::uint64_t first, std::uint64_t last) {
    for (int i = 1;; ++i) {
        auto response =
            co_await net::attempt(net::within(longest_answer, get_once(first, last), "image"));
        if (response) co_return *std::move(response);
        stream_.reset();
        const Error& error = response.error();
        const bool lost = error.kind == Class::connect || error.kind == Class::timeout ||
                          (error.kind == Class::resolve && error.retryable);
        if (!lost || i == most_tries || closed_)
            fail(explained(std::move(response).error(), place_));
    }
}

Task<http::Response> HttpImage::get_once(std::uint64_t first, std::uint64_t last) {
    if (!stream_) stream_ = co_await connect_(place_);
    http::Request request;
    request.method = "GET";
    request.target = place_.target;
    request.fields.add("Host", net::to_string(endpoint_of(place_)));
    request.fields.add("Range", "bytes=" + std::to_string(first) + "-" + std::to_string(last));
    request.fields.add("Accept-Encoding", "identity");
    const std::string wire = encode(request);
    co_await stream_->write(as_view(wire));
    http::Response response = co_await read_answer(last - first + 1);
    if (!response.keep_alive) stream_.reset();
    co_return response;
}

/// Of an answer that is no part only what stands before its body: it may be the whole file.
Task<http::Response> HttpImage::read_answer(std::uint64_t most_bytes) {
    http::ResponseParser parser({.body_bytes = std::numeric_limits<std::size_t>::max()});
    Bytes chunk(read_bytes);
    while (!parser.done()) {
        const std::size_t count = co_await stream_->read_some(chunk);
        if (count == 0 && parser.untouched())
            fail(Class::connect, "connect.closed", "it closed the connection");
        if (count == 0) take(parser.end_of_stream());
        if (count == 0) break;
        take(parser.feed(View(chunk).first(count)));
        const http::Response* const so_far = parser.so_far();
        if (so_far && so_far->status != 206) {
            http::Response response = *so_far;
            response.body.clear();
            response.keep_alive = false;
            co_return response;
        }
        if (so_far && so_far->body.size() > most_bytes)
            refuse_part(place_, "more bytes than were asked for");
    }
    co_return parser.take();
}

Task<void> HttpImage::fetch(std::uint64_t number) {
    const auto turn = co_await fetchers_.take();
    if (kept(number)) co_return;
    const std::uint64_t first = number * piece_bytes;
    const std::uint64_t last = std::min(first + piece_bytes, size_) - 1;
    http::Response response = co_await get(first, last);
    const auto replaced = [](const std::string& why) {
        fail(Class::config, "media.read", "the image on the web server is another one now: " + why,
             "was it replaced while it was mounted?");
    };
    if (response.status != 206)
        replaced(join({"the web server answers ", std::to_string(response.status)}));
    if (version_of(response) != version_) replaced("it has another version");
    const http::ContentRange range = range_of(place_, response, first, last);
    if (range.size && *range.size != size_)
        replaced(join({"it has ", std::to_string(*range.size), " bytes"}));
    pieces_.push_front({number, std::make_shared<const std::string>(std::move(response.body))});
    if (pieces_.size() > most_pieces) pieces_.pop_back();
}

std::shared_ptr<const std::string> HttpImage::kept(std::uint64_t number) {
    const auto found = std::ranges::find(pieces_, number, &Piece::number);
    if (found == pieces_.end()) return nullptr;
    pieces_.splice(pieces_.begin(), pieces_, found);
    return pieces_.front().bytes;
}

Task<std::shared_ptr<const std::string>> HttpImage::piece(std::uint64_t number) {
    for (;;) {
        if (auto bytes = kept(number)) co_return bytes;
        co_await fetch(number);
    }
}

Task<void> HttpImage::fetch_ahead(std::uint64_t number) {
    (void)co_await net::attempt(fetch(number));  // whoever wants it hears why it failed
    fetching_ahead_ = false;
}

Task<void> HttpImage::read(std::uint64_t offset, std::span<std::byte> into) {
    while (!into.empty()) {
        const std::uint64_t number = offset / piece_bytes;
        const auto bytes = co_await piece(number);
        const View rest = as_view(*bytes).subspan(offset - number * piece_bytes);
        const std::size_t count = std::min(rest.size(), into.size());
        std::ranges::copy(rest.first(count), into.begin());
        into = into.subspan(count);
        offset += count;
        const std::uint64_t next = number + 1;
        if (fetching_ahead_ || closed_ || next * piece_bytes >= size_ || kept(next)) continue;
        fetching_ahead_ = true;
        co_await ahead_.spawn_apart(fetch_ahead(next));
    }
}

Task<void> HttpImage::close() {
    closed_ = true;
    ahead_.cancel();
    co_await ahead_.join();
    if (stream_) stream_->close();
}

}  // namespace oob::session
