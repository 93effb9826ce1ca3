#pragma once

#include "core/bytes.h"

namespace oob::sol {

/// Looks for ssh's escapes in what is typed: a tilde at the beginning of a line, and one more key.
class EscapeFilter {
 public:
    enum class Order { none, disconnect, help, send_break };
    struct Typed {
        Bytes bytes;  ///< for the host
        Order order = Order::none;
    };

    /// Takes one key.
    Typed key(std::byte byte);

 private:
    bool at_line_start_ = true;
    bool escaped_ = false;
};

}  // namespace oob::sol
