#include "follow.h"

#include "core/text.h"
#include "net/backoff.h"
#include "net/group.h"
#include "plan_session.h"

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

Task<void> plan_console(plane::Device& device, plane::ConsoleWish wish, std::string what,
                        fleet::Attempt& attempt) {
    const Value status = co_await console_of(device).status();
    attempt.data.set(
        "plan",
        cmd::plan_session(status, "serial-over-LAN", wish.enable, wish.close_sessions) + what);
}

Task<std::unique_ptr<plane::ConsoleLink>> open_console(plane::Console& console,
                                                       plane::ConsoleWish wish,
                                                       std::vector<std::string>& changed,
                                                       const fleet::Attempt& attempt) {
    std::unique_ptr<plane::ConsoleLink> link;
    const auto open = [&]() -> Task<void> {
        link = co_await net::within(attempt.limit, console.open(wish, changed), "console");
    };
    const bool changes = wish.enable || wish.close_sessions || wish.consent_code;
    if (changes)
        co_await open();
    else
        co_await attempt.interrupt->cut_off(open());
    co_return link;
}

Task<void> Follower::wait_until(net::Clock::time_point time) {
    (void)co_await net::attempt(interrupt_.cut_off(net::sleep_until(time)));
}

Task<void> Follower::finish_on_interrupt(plane::ConsoleLink& link) {
    co_await interrupt_.wait();
    link.finish();
}

Task<void> Follower::read_all(plane::ConsoleLink& link, const Heard& heard) {
    while (const auto bytes = co_await link.read()) {
        followed_.heard_bytes += bytes->size();
        if (!bytes->empty()) heard(*bytes);
    }
}

Task<void> Follower::listen(plane::ConsoleLink& link, const Heard& heard) {
    net::Group group;
    Result<void> ended;
    const auto read = [&]() -> Task<void> {
        ended = co_await net::attempt(read_all(link, heard));
        link.finish();
        group.cancel();
    };
    // What breaks the writing breaks the reading too, which tells.
    co_await group.spawn_apart(link.write_loop());
    co_await group.spawn(finish_on_interrupt(link));
    co_await group.spawn(read());
    co_await group.join();
    take(ended);
}

Task<void> Follower::run(Heard heard, Note note) {
    net::Backoff openings(first_pause, longest_pause);
    std::optional<net::Clock::time_point> lost_at;
    while (!interrupt_.raised()) {
        openings.begun(net::Clock::now());
        std::vector<std::string> changed;
        auto link = co_await net::attempt(open_console(console_, wish_, changed, attempt_));
        for (const std::string& each : changed) note(each);
        if (!link && interrupt_.raised() && link.error().kind == Class::interrupted) co_return;
        if (!link && !passes(link.error(), followed_.connections > 0))
            fail(std::move(link).error());
        std::string why;
        if (link) {
            if (lost_at)
                note(join(
                    {"connected again after ", seconds_of(net::Clock::now() - *lost_at), " s"}));
            ++followed_.connections;
            const std::uint64_t before = followed_.heard_bytes;
            const auto ended = co_await net::attempt(listen(**link, heard));
            if (followed_.heard_bytes > before) openings.served();
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
        co_await wait_until(openings.next(net::Clock::now()));
    }
}

}  // namespace oob::sol
