#include "net/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace oob::net {

namespace {

using Seconds = std::chrono::duration<double>;

}  // namespace

TokenBucket::TokenBucket(std::uint64_t rate, std::size_t burst, Clock::time_point now)
    : rate_(rate), most_(static_cast<double>(burst)), tokens_(most_), filled_(now) {}

std::size_t TokenBucket::take(std::size_t wanted, Clock::time_point now) {
    if (rate_ == 0) return wanted;
    const double grown = Seconds(now - filled_).count() * static_cast<double>(rate_);
    tokens_ = std::min(most_, tokens_ + std::max(grown, 0.0));
    filled_ = std::max(now, filled_);
    const std::size_t taken = std::min(wanted, static_cast<std::size_t>(tokens_));
    tokens_ -= static_cast<double>(taken);
    return taken;
}

void TokenBucket::put_back(std::size_t count) {
    tokens_ = std::min(most_, tokens_ + static_cast<double>(count));
}

Clock::time_point TokenBucket::next(Clock::time_point now) const {
    if (rate_ == 0) return now;
    const double missing = 1 - tokens_;
    if (missing <= 0) return now;
    const Seconds wait(missing / static_cast<double>(rate_));
    return std::max(now, filled_ + std::chrono::ceil<Clock::duration>(wait));
}

}  // namespace oob::net
