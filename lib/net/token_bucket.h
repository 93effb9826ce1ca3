#pragma once

#include "net/deadline.h"

#include <cstddef>
#include <cstdint>

namespace oob::net {

/// Holds a sender to a rate. Starts full; time is brought to it, so that it is tested without
/// waiting.
class TokenBucket {
 public:
    /// `rate` tokens a second, 0 without limit; at most `burst` (one or more) are saved up.
    TokenBucket(std::uint64_t rate, std::size_t burst, Clock::time_point now);

    /// Takes up to `wanted` tokens and tells how many.
    std::size_t take(std::size_t wanted, Clock::time_point now);
    /// Gives tokens back that were not used.
    void put_back(std::size_t count);
    /// When the next token is there; `now` when one is there already.
    Clock::time_point next(Clock::time_point now) const;

 private:
    std::uint64_t rate_;
    double most_;
    double tokens_;
    Clock::time_point filled_;
};

}  // namespace oob::net
