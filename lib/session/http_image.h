#pragma once

#include "codec/http/location.h"
#include "codec/http/message.h"
#include "media/image.h"
#include "net/bell.h"
#include "net/endpoint.h"
#include "net/group.h"
#include "net/stream.h"
#include "net/turns.h"

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

namespace oob::session {

using WebPlace = codec::http::Url;

/// Error: class `usage`, code `usage.image_url`, also for a user or password inside.
Result<WebPlace> parse_web_place(std::string_view url);

net::Endpoint endpoint_of(const WebPlace& place);

/// An image on a web server that gives out ranges (RFC 9110, section 14). Each answer has to be the
/// range that was asked for, of the same version and size as the first. A few pieces are kept, and
/// the one after a read is fetched ahead. One image may serve many drives.
class HttpImage final : public media::Image {
 public:
    static constexpr std::size_t piece_bytes = std::size_t{1} << 20;
    static constexpr std::size_t most_pieces = 8;

    /// Opens a connection to a server, over TLS when the place is secured.
    using Connect = std::function<net::Task<net::StreamPtr>(const WebPlace&)>;

    /// Asks for size and version, and follows redirections. Throws Failure, with a hint about the
    /// web server: config.image, unsupported.image_ranges, http.range, http.content_range,
    /// http.location and others of http, connect.*, tls.*, timeout.image.
    static net::Task<std::shared_ptr<HttpImage>> open(WebPlace place, Connect connect);

    explicit HttpImage(WebPlace place, Connect connect)
        : place_(std::move(place)), connect_(std::move(connect)) {}

    std::uint64_t size() const override { return size_; }
    net::Task<void> read(std::uint64_t offset, std::span<std::byte> into) override;
    /// Waits for what is being fetched; nothing may be read afterwards.
    net::Task<void> close() override;

 private:
    struct Piece {
        std::uint64_t number;
        std::shared_ptr<const std::string> bytes;
    };

    net::Task<void> find_out();
    /// Keeps what it fetches among the pieces.
    net::Task<void> fetch(std::uint64_t number);
    net::Task<void> fetch_ahead(std::uint64_t number);
    net::Task<std::shared_ptr<const std::string>> piece(std::uint64_t number);
    std::shared_ptr<const std::string> kept(std::uint64_t number);
    net::Task<codec::http::Response> get(std::uint64_t first, std::uint64_t last);
    net::Task<codec::http::Response> get_once(std::uint64_t first, std::uint64_t last);
    net::Task<codec::http::Response> read_answer(std::uint64_t most_bytes);

    WebPlace place_;
    Connect connect_;
    net::StreamPtr stream_;
    std::uint64_t size_ = 0;
    std::string version_;      // its entity tag, or when it was last changed
    std::list<Piece> pieces_;  // the one used last comes first
    net::Turns fetchers_;
    net::Group ahead_;
    bool fetching_ahead_ = false;
    bool closed_ = false;
};

}  // namespace oob::session
