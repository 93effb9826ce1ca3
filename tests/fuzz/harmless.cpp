#include "core/text.h"
#include "fuzz/printable.h"

#include <string>

/// Any bytes of a device: what is made of them for a person is printable UTF-8, steers no terminal,
/// and stays as it is when it is made harmless again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace oob;
    const std::string safe = harmless(std::string(fuzz::text_of(data, size)));
    fuzz::expect_printable(safe);
    fuzz::expect(harmless(safe) == safe);
    return 0;
}
