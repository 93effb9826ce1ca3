#include "codec/wsman/message.h"
#include "fuzz/wsman_tree.h"

#include <cstdlib>
#include <string_view>

using namespace oob::codec::wsman;

/// Any bytes at all: decode_request must return, and must not throw; what it read can be written,
/// and what was written is well-formed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_depth(text);
    const auto request = decode_request(text);
    if (!request) return 0;
    const auto again = decode_request(encode_request(*request));
    if (!again && again.error().code == "xml.malformed") std::abort();
    if (again && again->operation != request->operation) std::abort();
    return 0;
}
