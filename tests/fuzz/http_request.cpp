#include "codec/http/message.h"
#include "fuzz/http_messages.h"

#include <span>

/// Any bytes from a client, cut anywhere: the parser must return, must not depend on the cuts, and
/// what it has read must survive the encoder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oob;
    using codec::http::RequestParser;
    const auto outcome = fuzz::read_http_twice<RequestParser>(std::as_bytes(std::span(data, size)));
    if (!outcome.done) return 0;
    fuzz::check_round_trip<RequestParser>(outcome.message, codec::http::encode(outcome.message));
    return 0;
}
