#include "core/bytes.h"

namespace oob {

View Reader::bytes(std::size_t count) {
    if (count > rest_.size()) {
        ok_ = false;
        rest_ = {};
        return {};
    }
    const View taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
}

std::uint64_t Reader::integer(std::size_t width, bool big_endian) {
    const View taken = bytes(width);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < taken.size(); ++i) {
        const auto next =
            std::to_integer<std::uint64_t>(taken[big_endian ? i : taken.size() - 1 - i]);
        value = value << 8 | next;
    }
    return value;
}

Writer& Writer::bytes(View value) {
    out_.insert(out_.end(), value.begin(), value.end());
    return *this;
}

Writer& Writer::integer(std::uint64_t value, std::size_t width, bool big_endian) {
    for (std::size_t i = 0; i < width; ++i) {
        const std::size_t shift = 8 * (big_endian ? width - 1 - i : i);
        out_.push_back(static_cast<std::byte>(value >> shift & 0xff));
    }
    return *this;
}

}  // namespace oob
