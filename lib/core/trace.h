#pragma once

#include <string_view>

namespace oob {

/// Where the wire is written down for a person. Whoever calls it has taken secrets out before.
class Trace {
 public:
    virtual ~Trace() = default;
    /// `arrow` is '>' for what was sent and '<' for what came; text is what went over the wire,
    /// redacted.
    virtual void write(std::string_view peer, char arrow, std::string_view text) = 0;
};

}  // namespace oob
