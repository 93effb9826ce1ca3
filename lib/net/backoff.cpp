#include "net/backoff.h"

#include <algorithm>

namespace oob::net {

Clock::time_point Backoff::next(Clock::time_point now) const {
    return begun_ ? std::max(now, *begun_ + pause_) : now;
}

void Backoff::begun(Clock::time_point now) {
    pause_ = in_vain_ ? std::min(2 * pause_, longest_) : first_;
    in_vain_ = true;
    begun_ = now;
}

void Backoff::served() {
    pause_ = first_;
    in_vain_ = false;
}

}  // namespace oob::net
