#include "session/http_image.h"

#include "codec/http/parser.h"
#include "core/host.h"
#include "core/text.h"
#include "net/deadline.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace oob::session {

namespace http = codec::http;
using net::Task;

namespace {

constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;
constexpr std::chrono::milliseconds longest_answer{20'000};
constexpr std::size_t read_bytes = std::size_t{64} * 1024;
constexpr int most_redirections = 5;
constexpr int most_tries = 3;  // of one range

bool is_redirection(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// The whole size out of "bytes 0-0/734003200".
std::optional<std::uint64_t> size_in(std::string_view content_range) {
    const std::size_t slash = content_range.rfind('/');
    if (slash == std::string_view::npos) return std::nullopt;
    return parse_unsigned(trim(content_range.substr(slash + 1)));
}

std::string version_of(const http::Response& response) {
    for (const char* name : {"ETag", "Last-Modified"})
        if (const auto value = response.fields.find(name)) return std::string(*value);
    return {};
}

[[noreturn]] void refuse(const WebPlace& place, const std::string& why, const char* hint) {
    fail(Class::config, "config.image",
         join({"the image on ", place.endpoint.host, " cannot be used: ", why}), hint);
    std::unreachable();
}

/// Where a redirection leads, seen from the place that it was at.
WebPlace redirected(const WebPlace& from, std::string_view location) {
    if (location.starts_with('/') && !location.starts_with("//")) {
        WebPlace out = from;
        out.target = location;
        return out;
    }
    WebPlace out = take(parse_web_place(location));
    if (from.secured && !out.secured)
        refuse(from, "it leads from https to http",
               "give the address of the other server yourself");
    return out;
}

}  // namespace

Result<WebPlace> parse_web_place(std::string_view url) {
    const auto wrong = [&](const char* what) {
        return std::unexpected(Error(Class::usage, "usage.image_url", join({what, ": ", url}),
                                     "https://server/path/image.iso"));
    };
    WebPlace out;
    out.secured = url.starts_with("https://");
    if (!out.secured && !url.starts_with("http://")) return wrong("this is no http or https URL");
    url.remove_prefix(out.secured ? 8 : 7);
    const std::size_t slash = std::min(url.find('/'), url.size());
    std::string_view host = url.substr(0, slash);
    if (slash < url.size()) out.target = url.substr(slash, url.find('#') - slash);
    if (out.target.find_first_of(" \r\n") != std::string::npos) return wrong("this is no URL");
    if (host.contains('@'))
        return std::unexpected(Error(Class::usage, "usage.image_url",
                                     "a URL with a user or password inside is not taken",
                                     "serve the image without a login, or download it first"));
    out.endpoint.port = out.secured ? https_port : http_port;
    const std::size_t bracket = host.find(']');
    const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon != std::string_view::npos) {
        const auto port = parse_unsigned(host.substr(colon + 1));
        if (!port || *port == 0 || *port > 0xffff) return wrong("no such port");
        out.endpoint.port = static_cast<std::uint16_t>(*port);
        host = host.substr(0, colon);
    }
    auto parsed = parse_host(host);
    if (!parsed) return wrong(parsed.error().message.c_str());
    out.endpoint.host = std::move(parsed->text);
    return out;
}

Task<std::shared_ptr<HttpImage>> HttpImage::open(WebPlace place, Connect connect) {
    auto image = std::make_shared<HttpImage>(std::move(place), std::move(connect));
    co_await image->find_out();
    co_return image;
}

Task<void> HttpImage::find_out() {
    for (int i = 0; i < most_redirections; ++i) {
        const http::Response response = co_await get(0, 0);
        if (is_redirection(response.status)) {
            const auto location = response.fields.find("Location");
            if (!location) refuse(place_, "it is somewhere else, but nobody says where", "");
            place_ = redirected(place_, *location);
            stream_.reset();
            continue;
        }
        if (response.status == 200)
            fail(Class::unsupported, "unsupported.image_ranges",
                 join({"the server ", place_.endpoint.host, " gives out whole files only"}),
                 "download the image first, or use a server that knows ranges");
        const auto range = response.fields.find("Content-Range");
        const auto size = range ? size_in(*range) : std::nullopt;
        if (response.status != 206 || !size)
            refuse(place_, "status " + std::to_string(response.status), "is the path right?");
        if (*size == 0) refuse(place_, "it is empty", "");
        size_ = *size;
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
        if (!lost || i == most_tries || closed_) fail(std::move(response).error());
    }
}

Task<http::Response> HttpImage::get_once(std::uint64_t first, std::uint64_t last) {
    if (!stream_) stream_ = co_await connect_(place_);
    http::Request request;
    request.method = "GET";
    request.target = place_.target;
    request.fields.add("Host", net::to_string(place_.endpoint));
    request.fields.add("Range", "bytes=" + std::to_string(first) + "-" + std::to_string(last));
    request.fields.add("Accept-Encoding", "identity");
    const std::string wire = encode(request);
    co_await stream_->write(as_view(wire));
    http::ResponseParser parser({.body_bytes = piece_bytes});
    Bytes chunk(read_bytes);
    while (!parser.done()) {
        const std::size_t count = co_await stream_->read_some(chunk);
        if (count == 0 && parser.untouched())
            fail(Class::connect, "connect.closed", "the web server closed the connection",
                 "is it up?");
        if (count == 0) take(parser.end_of_stream());
        if (count == 0) break;
        take(parser.feed(View(chunk).first(count)));
    }
    http::Response response = parser.take();
    if (!response.keep_alive) stream_.reset();
    co_return response;
}

Task<void> HttpImage::fetch(std::uint64_t number) {
    const auto turn = co_await fetchers_.take();
    if (kept(number)) co_return;
    const std::uint64_t first = number * piece_bytes;
    const std::uint64_t last = std::min(first + piece_bytes, size_) - 1;
    http::Response response = co_await get(first, last);
    if (response.status != 206 || response.body.size() != last - first + 1 ||
        version_of(response) != version_)
        fail(Class::config, "media.read", "the image on the web server is another one now",
             "was it replaced while it was mounted?");
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
