#include "session/http_image.h"

#include "core/text.h"
#include "fuzz/unsteady_stream.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace oob;
using session::HttpImage;
using session::WebPlace;

constexpr char next_connection = '\x1d';
constexpr std::size_t read_bytes = 100;

struct Server {
    fuzz::Manners manners;
    std::vector<std::string_view> says;
    std::vector<std::unique_ptr<test::ScriptedStream::Heard>> heard = {};

    net::Task<net::StreamPtr> connect() {
        if (heard.size() == says.size()) fail(Class::connect, "connect.refused", "nobody listens");
        heard.push_back(std::make_unique<test::ScriptedStream::Heard>());
        co_return std::make_unique<fuzz::UnsteadyStream>(
            manners, std::string(says[heard.size() - 1]), *heard.back());
    }
};

/// The beginning, the end and the middle.
net::Task<void> read(HttpImage& image) {
    Bytes buffer(std::min<std::uint64_t>(read_bytes, image.size()));
    for (const std::uint64_t offset :
         {std::uint64_t{0}, image.size() - buffer.size(), (image.size() - buffer.size()) / 2})
        co_await image.read(offset, buffer);
}

net::Task<void> use(Server& server, WebPlace place) {
    const auto image = co_await HttpImage::open(std::move(place),
                                                [&](const WebPlace&) { return server.connect(); });
    fuzz::expect(image->size() > 0);
    const auto done = co_await net::attempt(read(*image));
    co_await image->close();
    take(done);
}

}  // namespace

/// The first line is the image's address; then a web server of any manners says anything on each of
/// its connections: opening and reading ends within its limits, whatever is promised.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Reader in(fuzz::view_of(data, size));
    Server server{fuzz::Manners::read(in), {}};
    std::string_view rest = as_text(in.bytes(in.left()));
    const auto place = session::parse_web_place(fuzz::take_line(rest));
    if (!place) {
        fuzz::expect(place.error().kind == Class::usage);
        return 0;
    }
    server.says = split(rest, next_connection);
    (void)fuzz::run_session(server.manners, use(server, *place));
    return 0;
}
