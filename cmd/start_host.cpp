#include "start_host.h"

#include "net/deadline.h"

namespace oob::cmd {

net::Task<void> start_host(plane::Power& power, std::string state, std::chrono::milliseconds limit,
                           std::function<net::Task<void>()> check, plane::PowerWatch& watch,
                           bool& started) {
    co_await check();
    const auto before = watch.before;
    if (state == "sleep") {
        co_await power.apply(plane::PowerAction::off, limit / 2, watch);
        watch.verified = false;
        watch.before = before;
        co_await check();
    }
    const auto action = state == "on" ? plane::PowerAction::reset : plane::PowerAction::on;
    plane::PowerWatch start;
    started = true;  // from here on it may start at any time
    const auto done = co_await net::attempt(power.apply(action, limit, start));
    started = start.sent || (!done && done.error().indeterminate);
    start.sent = start.sent || watch.sent;
    start.before = before;
    watch = std::move(start);
    take(done);
}

}  // namespace oob::cmd
