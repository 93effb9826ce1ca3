#pragma once

#include "codec/http/parser.h"
#include "core/text.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace oob::fuzz {

/// Small, so that the limits are reached too.
inline constexpr codec::http::Limits http_limits{.header_bytes = 2048, .body_bytes = 4096};

template <class Message>
struct Outcome {
    std::string error;
    bool done = false;
    Message message;
};

/// Feeds `input` in pieces whose lengths repeat those in `cuts`; all at once when there are none.
template <class Parser>
auto read_http(View input, View cuts) {
    Parser parser(http_limits);
    Outcome<decltype(parser.take())> outcome;
    std::size_t step = 0;
    while (!input.empty() && !parser.done()) {
        const std::size_t wish = cuts.empty()
                                     ? input.size()
                                     : 1 + std::to_integer<std::size_t>(cuts[step++ % cuts.size()]);
        const std::size_t size = std::min(wish, input.size());
        const auto used = parser.feed(input.first(size));
        if (!used) {
            outcome.error = used.error().code;
            return outcome;
        }
        if (*used > size || (*used < size && !parser.done())) std::abort();
        input = input.subspan(*used);
    }
    if constexpr (requires { parser.end_of_stream(); }) {
        const auto end = parser.end_of_stream();
        if (!end) outcome.error = end.error().code;
    }
    outcome.done = parser.done();
    if (outcome.done) outcome.message = parser.take();
    return outcome;
}

/// Reads the message whole and in pieces: both must come to the same. The first bytes of the input
/// say how it is cut.
template <class Parser>
auto read_http_twice(View input) {
    constexpr std::size_t most_cuts = 4;
    const View cuts = input.first(std::min(most_cuts, input.size()));
    const View wire = input.subspan(cuts.size());
    auto whole = read_http<Parser>(wire, {});
    const auto pieces = read_http<Parser>(wire, cuts);
    const bool same = whole.error == pieces.error && whole.done == pieces.done &&
                      whole.message.body == pieces.message.body &&
                      whole.message.keep_alive == pieces.message.keep_alive &&
                      std::ranges::equal(whole.message.fields, pieces.message.fields);
    if (!same) std::abort();
    if (whole.message.body.size() > http_limits.body_bytes) std::abort();
    return whole;
}

/// What has been read can be written and read again with the same body.
template <class Parser, class Message>
void check_round_trip(const Message& message, const std::string& wire) {
    const auto again = read_http<Parser>(as_view(wire), {});
    if (again.error == "http.too_large") return;  // the header grew: it had folded lines
    if (!again.done || again.message.body != message.body) std::abort();
}

}  // namespace oob::fuzz
