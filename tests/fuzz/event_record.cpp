#include "codec/wsman/event_record.h"

#include <algorithm>
#include <cstdlib>
#include <span>

/// Any bytes: the decoder must return, and what it read must be written again byte for byte.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oob;
    const View bytes = std::as_bytes(std::span(data, size));
    const auto record = codec::wsman::decode_event_record(bytes);
    if (record && !std::ranges::equal(codec::wsman::encode_event_record(*record), bytes))
        std::abort();
    return 0;
}
