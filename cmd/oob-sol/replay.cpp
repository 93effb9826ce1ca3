#include "replay.h"

#include "core/error.h"
#include "net/deadline.h"
#include "report/sink.h"
#include "terminal/cast.h"

#include <algorithm>

namespace oob::sol {

net::Task<void> replay(Replaying order) {
    using std::chrono::microseconds;
    microseconds shown{0};
    for (const terminal::CastEvent& event : take(terminal::read_cast(order.file))) {
        microseconds pause = std::max(event.at - shown, microseconds(0));
        shown = event.at;
        if (order.longest_pause) pause = std::min<microseconds>(pause, *order.longest_pause);
        // However slowly it is shown.
        const std::chrono::duration<double> longest = terminal::longest_recording;
        const auto length = std::min(std::chrono::duration<double>(pause) / order.speed, longest);
        co_await net::sleep_until(net::Clock::now() +
                                  std::chrono::duration_cast<microseconds>(length));
        report::write_exactly_to_stdout(event.text);
    }
}

}  // namespace oob::sol
