#include "codec/http/content_range.h"
#include "core/text.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

/// What any web server says of its range: what is taken can be counted with, and means the same
/// when it is written again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oob;
    const auto range = codec::http::decode_content_range(
        std::string_view(reinterpret_cast<const char*>(data), size));
    if (!range) return 0;
    if (range->last < range->first || range->length() == 0) std::abort();
    if (range->size && *range->size <= range->last) std::abort();
    const std::string again =
        join({"bytes ", std::to_string(range->first), "-", std::to_string(range->last), "/",
              range->size ? std::to_string(*range->size) : "*"});
    if (codec::http::decode_content_range(again) != *range) std::abort();
    return 0;
}
