#include "net/stalled.h"

#include "core/text.h"

namespace oob::net {

Error stalled(std::chrono::milliseconds limit) {
    Error error(Class::timeout, "timeout.write",
                join({"the peer has taken nothing of what was sent to it for ",
                      std::to_string(limit.count()), " ms"}),
                "does it hang? is the network up? raise the limit with --timeout");
    error.with("limit_ms", limit.count()).retryable = true;
    return error;
}

}  // namespace oob::net
