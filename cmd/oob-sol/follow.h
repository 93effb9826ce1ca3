#pragma once

#include "fleet/runner.h"
#include "net/deadline.h"
#include "plane/device.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace oob::sol {

/// What became of a console that was listened to.
struct Followed {
    std::uint64_t heard_bytes = 0;
    std::uint64_t connections = 0;
    std::uint64_t gaps = 0;  ///< how often it was lost
};

/// Listens to a console until the user wants the end; when it is lost, opens it again. Between two
/// openings lies a pause that grows up to a minute until something was heard. Nothing is typed.
class Follower {
 public:
    using Heard = std::function<void(View bytes)>;
    /// A sentence about the connection: lost, made again.
    using Note = std::function<void(const std::string& text)>;

    /// All outlive it.
    Follower(plane::Console& console, const fleet::Attempt& attempt, plane::ConsoleWish wish)
        : console_(console), attempt_(attempt), interrupt_(*attempt.interrupt), wish_(wish) {}

    /// Fails when the console cannot be had for a reason that time does not mend: a login, a
    /// consent, a session of somebody else.
    net::Task<void> run(Heard heard, Note note);
    const Followed& followed() const { return followed_; }

 private:
    net::Task<void> listen(plane::ConsoleLink& link, const Heard& heard);
    net::Task<void> read_all(plane::ConsoleLink& link, const Heard& heard);
    net::Task<void> finish_on_interrupt(plane::ConsoleLink& link);
    net::Task<void> wait_until(net::Clock::time_point time);

    plane::Console& console_;
    const fleet::Attempt& attempt_;
    fleet::Interrupt& interrupt_;
    plane::ConsoleWish wish_;
    Followed followed_;
};

/// What opening a console would do, for a dry run: the words go into `data.plan`, with `what`
/// behind what clears the way. All outlive the task. Throws what opening would throw.
net::Task<void> plan_console(plane::Device& device, plane::ConsoleWish wish, std::string what,
                             fleet::Attempt& attempt);

/// Opens the console within the attempt's limit; `changed` is as Console::open() has it. An opening
/// that changes nothing is cut off when the run is to end. All outlive the task. Throws what
/// Console::open() throws; timeout.console, interrupted.stopped.
net::Task<std::unique_ptr<plane::ConsoleLink>> open_console(plane::Console& console,
                                                            plane::ConsoleWish wish,
                                                            std::vector<std::string>& changed,
                                                            const fleet::Attempt& attempt);

/// The plane's console. Throws Failure unsupported.console.
plane::Console& console_of(plane::Device& device);

}  // namespace oob::sol
