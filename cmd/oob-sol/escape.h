#pragma once

#include "core/bytes.h"

namespace oob::sol {

/// Looks for ssh's escapes in what is typed: a tilde at the beginning of a line, and one more key;
/// what touches the power takes two, so that no path that begins with a tilde is one by accident.
class EscapeFilter {
 public:
    enum class Order {
        none,
        disconnect,
        help,
        send_break,
        statistics,
        toggle_log,
        ask_power,  ///< the next key says what
        power_on,
        power_off,
        power_cycle,
        power_reset,
        leave_power,  ///< another key: nothing
    };
    struct Typed {
        Bytes bytes;  ///< for the host
        Order order = Order::none;
    };

    /// Takes one key.
    Typed key(std::byte byte);

 private:
    enum class State { text, line_start, escaped, power };
    State state_ = State::line_start;
};

}  // namespace oob::sol
