#include "follow.h"

#include "core/text.h"
#include "net/deadline.h"
#include "net/group.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

namespace oob::sol {

using net::Task;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds first_pause{1'000};
constexpr milliseconds longest_pause{60'000};

/// What time may mend: the network, a machine that restarts, a session that has not ended yet.
bool passes(const Error& error, bool had_it_before) {
    return error.kind == Class::connect || error.kind == Class::timeout ||
           error.kind == Class::resolve || error.kind == Class::tls ||
           (had_it_before && error.kind == Class::session_busy);
}

std::string seconds_of(net::Clock::duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

}  // namespace

plane::Console& console_of(plane::Device& device) {
    plane::Console* console = device.console();
    if (console == nullptr)
        fail(Class::unsupported, "unsupported.console", "this plane has no console",
             "name a machine with Intel AMT");
    return *console;
}

Task<void> Follower::wait(milliseconds pause) {
    net::Group group;
    co_await group.spawn(interrupt_.wait());
    (void)co_await net::attempt(net::within(pause, group.wait_until_at_most(0), "pause"));
    group.cancel();
    co_await group.join();
}

Task<void> Follower::finish_on_interrupt(plane::ConsoleLink& link) {
    co_await interrupt_.wait();
    link.finish();
}

Task<void> Follower::listen(plane::ConsoleLink& link, const Heard& heard) {
    net::Group group;
    co_await group.spawn(link.write_loop());
    co_await group.spawn(finish_on_interrupt(link));
    const auto read = [&]() -> Task<void> {
        while (const auto bytes = co_await link.read()) {
            followed_.heard_bytes += bytes->size();
            if (!bytes->empty()) heard(*bytes);
        }
    };
    const auto ended = co_await net::attempt(read());
    link.finish();
    group.cancel();
    co_await group.join();
    take(ended);
}

Task<void> Follower::run(Heard heard, Note note) {
    milliseconds pause = first_pause;
    std::optional<net::Clock::time_point> lost_at;
    while (!interrupt_.raised()) {
        std::vector<std::string> changed;
        auto link = co_await net::attempt(console_.open(wish_, changed));
        for (const std::string& each : changed) note(each);
        if (!link && !passes(link.error(), followed_.connections > 0))
            fail(std::move(link).error());
        std::string why;
        if (link) {
            if (lost_at)
                note(join(
                    {"connected again after ", seconds_of(net::Clock::now() - *lost_at), " s"}));
            ++followed_.connections;
            pause = first_pause;
            const auto ended = co_await net::attempt(listen(**link, heard));
            why = ended ? "the device ended the session" : ended.error().message;
        } else {
            why = link.error().message;
        }
        if (interrupt_.raised()) co_return;
        if (link || !lost_at) {
            lost_at = net::Clock::now();
            if (link) ++followed_.gaps;
            note(join({link ? "lost: " : "cannot be reached: ", why}));
        }
        co_await wait(pause);
        pause = std::min(pause * 2, longest_pause);
    }
}

}  // namespace oob::sol
