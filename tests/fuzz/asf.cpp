#include "codec/asf/presence.h"

#include <cstdlib>
#include <span>

/// Any datagram: both decoders must return, and what they read must survive the encoders.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oob;
    using namespace oob::codec;
    const View bytes = std::as_bytes(std::span(data, size));
    if (const auto ping = asf::decode_ping(bytes))
        if (asf::decode_ping(asf::encode(*ping)) != *ping) std::abort();
    if (const auto pong = asf::decode_pong(bytes)) {
        if (asf::decode_pong(asf::encode(*pong)) != *pong) std::abort();
        const auto presence = asf::amt_presence(*pong);
        if (presence && asf::amt_presence(asf::amt_pong(*presence)) != presence) std::abort();
    }
    return 0;
}
