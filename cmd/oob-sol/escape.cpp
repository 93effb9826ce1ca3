#include "escape.h"

#include <utility>

namespace oob::sol {

namespace {

using Order = EscapeFilter::Order;

Order order_of(char c) {
    switch (c) {
        case '.':
            return Order::disconnect;
        case '?':
            return Order::help;
        case 'B':
            return Order::send_break;
        case 'S':
            return Order::statistics;
        case 'L':
            return Order::toggle_log;
        case 'P':
            return Order::ask_power;
        default:
            return Order::none;
    }
}

Order power_order_of(char c) {
    switch (c) {
        case 'o':
            return Order::power_on;
        case 'f':
            return Order::power_off;
        case 'c':
            return Order::power_cycle;
        case 'r':
            return Order::power_reset;
        default:
            return Order::leave_power;
    }
}

}  // namespace

EscapeFilter::Typed EscapeFilter::key(std::byte byte) {
    constexpr char escape = '~';
    const char c = static_cast<char>(byte);
    const State before =
        std::exchange(state_, c == '\r' || c == '\n' ? State::line_start : State::text);
    if (before == State::power) {
        state_ = State::line_start;
        return {{}, power_order_of(c)};
    }
    if (before == State::escaped) {
        if (const Order order = order_of(c); order != Order::none) {
            state_ = order == Order::ask_power ? State::power : State::line_start;
            return {{}, order};
        }
        if (c == escape) return {{byte}};
        return {{static_cast<std::byte>(escape), byte}};
    }
    if (before == State::line_start && c == escape) {
        state_ = State::escaped;
        return {};
    }
    return {{byte}};
}

}  // namespace oob::sol
