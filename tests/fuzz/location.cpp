#include "codec/http/location.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace oob;
using codec::http::Url;

void expect(bool true_for_any_input) {
    if (!true_for_any_input) std::abort();
}

/// What is taken can stand in a request, and is itself when it is written and read again.
void check(const Url& url) {
    expect(url.target.starts_with('/') && !url.host.empty());
    for (const char c : url.target + url.host) expect(c > 0x20 && c < 0x7f);
    expect(!url.host.contains('@'));
    const auto again = codec::http::parse_url(to_string(url));
    expect(again && *again == url);
}

}  // namespace

/// A line with a URL, and behind it what a web server there says in a Location.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t end = text.find('\n');
    const std::string_view location = end == std::string_view::npos ? text : text.substr(end + 1);
    const auto base = codec::http::parse_url(text.substr(0, end));
    if (base) check(*base);
    const Url usual{.secured = true, .host = "web", .port = 8443, .target = "/a/b?c"};
    const auto to = codec::http::resolve_location(base.value_or(usual), location);
    if (to) check(*to);
    return 0;
}
