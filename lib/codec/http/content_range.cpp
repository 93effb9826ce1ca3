#include "codec/http/content_range.h"

#include "core/host.h"
#include "core/text.h"

#include <limits>

namespace oob::codec::http {

Result<ContentRange> decode_content_range(std::string_view value) {
    const auto wrong = [&](const char* what) {
        return std::unexpected(Error(
            Class::protocol, "http.content_range",
            join({"the web server says of its answer that it is '", shown(value), "': ", what}),
            "is a proxy in between? another web server may do better"));
    };
    constexpr std::string_view unit = "bytes ";
    if (!equal_ignoring_case(value.substr(0, unit.size()), unit)) return wrong("not of bytes");
    const std::string_view range = value.substr(unit.size());
    const std::size_t dash = range.find('-');
    const std::size_t slash = range.find('/');
    if (dash == std::string_view::npos || slash == std::string_view::npos || slash < dash)
        return wrong("no range");
    const auto first = parse_unsigned(range.substr(0, dash));
    const auto last = parse_unsigned(range.substr(dash + 1, slash - dash - 1));
    if (!first || !last) return wrong("no range");
    if (*last < *first || *last == std::numeric_limits<std::uint64_t>::max())
        return wrong("no range can be so");
    ContentRange out{*first, *last, std::nullopt};
    const std::string_view size = range.substr(slash + 1);
    if (size == "*") return out;
    out.size = parse_unsigned(size);
    if (!out.size) return wrong("no size");
    if (*out.size <= out.last) return wrong("it ends behind the end");
    return out;
}

}  // namespace oob::codec::http
