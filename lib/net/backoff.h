#pragma once

#include "net/deadline.h"

#include <chrono>
#include <optional>

namespace oob::net {

/// When something that keeps ending may be begun again: a login, a session, a connection. The first
/// beginning need not wait. Between later ones lies a pause that doubles up to `longest` until
/// served() tells that one of them was of use; an end alone resets nothing, since firmware that
/// ends whatever is begun would otherwise be asked to log in hundreds of times a second, and locks
/// accounts. The time is the caller's.
class Backoff {
 public:
    Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest)
        : first_(first), longest_(longest), pause_(first) {}

    /// The earliest time for the next beginning. Pauses count from the beginning before: what has
    /// lasted longer need not wait at all.
    Clock::time_point next(Clock::time_point now) const;
    /// It begins now.
    void begun(Clock::time_point now);
    /// What was begun last has been of use: the pauses start anew.
    void served();

 private:
    std::chrono::milliseconds first_;
    std::chrono::milliseconds longest_;
    std::chrono::milliseconds pause_;  // after the last beginning
    std::optional<Clock::time_point> begun_;
    bool in_vain_ = false;  // the last beginning has been of no use so far
};

}  // namespace oob::net
