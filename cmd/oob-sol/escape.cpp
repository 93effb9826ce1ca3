#include "escape.h"

#include <utility>

namespace oob::sol {

EscapeFilter::Typed EscapeFilter::key(std::byte byte) {
    constexpr char escape = '~';
    const char c = static_cast<char>(byte);
    if (std::exchange(escaped_, false)) {
        switch (c) {
            case '.':
                return {{}, Order::disconnect};
            case '?':
                return {{}, Order::help};
            case 'B':
                return {{}, Order::send_break};
            case escape:
                at_line_start_ = false;
                return {{byte}};
            default:
                at_line_start_ = c == '\r' || c == '\n';
                return {{static_cast<std::byte>(escape), byte}};
        }
    }
    if (at_line_start_ && c == escape) {
        escaped_ = true;
        return {};
    }
    at_line_start_ = c == '\r' || c == '\n';
    return {{byte}};
}

}  // namespace oob::sol
