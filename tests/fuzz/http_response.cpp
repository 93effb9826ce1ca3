#include "codec/http/message.h"
#include "fuzz/http_messages.h"

#include <span>

/// Any bytes from a device, cut anywhere: the parser must return, must not depend on the cuts, and
/// what it has read must survive both encoders.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oob;
    using codec::http::ResponseParser;
    const auto outcome =
        fuzz::read_http_twice<ResponseParser>(std::as_bytes(std::span(data, size)));
    if (!outcome.done) return 0;
    const int status = outcome.message.status;
    if (status / 100 == 1 || status == 204 || status == 304) return 0;  // written without a body
    fuzz::check_round_trip<ResponseParser>(outcome.message, codec::http::encode(outcome.message));
    fuzz::check_round_trip<ResponseParser>(outcome.message,
                                           codec::http::encode_chunked(outcome.message));
    return 0;
}
