#include "replay.h"

#include "core/error.h"
#include "report/sink.h"
#include "terminal/cast.h"

#include <algorithm>
#include <thread>

namespace oob::sol {

void replay(const Replaying& order) {
    using std::chrono::microseconds;
    microseconds shown{0};
    for (const terminal::CastEvent& event : take(terminal::read_cast(order.file))) {
        microseconds pause = std::max(event.at - shown, microseconds(0));
        shown = event.at;
        if (order.longest_pause) pause = std::min<microseconds>(pause, *order.longest_pause);
        std::this_thread::sleep_for(microseconds(
            static_cast<std::int64_t>(static_cast<double>(pause.count()) / order.speed)));
        report::write_to_stdout(event.text);
    }
}

}  // namespace oob::sol
