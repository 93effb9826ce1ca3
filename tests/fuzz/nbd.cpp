#include "codec/nbd/nbd.h"

#include <cstdint>
#include <cstdlib>
#include <span>

/// Every decoder of the server's side sees the same bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oob;
    using namespace oob::codec::nbd;
    const View bytes = std::as_bytes(std::span(data, size));
    (void)decode_client_flags(bytes);
    (void)decode_option(bytes);
    (void)decode_request(bytes);
    if (const auto name = decode_info(bytes); name && name->size() > size) std::abort();
    return 0;
}
