#include "codec/rmcp/authentication.h"

#include <cstdlib>
#include <span>

/// Any datagram: both decoders must return, and what they read must survive the encoders.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oob;
    using namespace oob::codec;
    const View bytes = std::as_bytes(std::span(data, size));
    if (const auto query = rmcp::decode_query(bytes))
        if (rmcp::decode_query(rmcp::encode(*query)) != *query) std::abort();
    if (const auto answer = rmcp::decode_capabilities(bytes))
        if (rmcp::decode_capabilities(rmcp::encode(*answer)) != *answer) std::abort();
    return 0;
}
