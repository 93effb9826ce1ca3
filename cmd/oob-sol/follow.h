#pragma once

#include "fleet/runner.h"
#include "plane/device.h"

#include <cstdint>
#include <functional>
#include <string>

namespace oob::sol {

/// What became of a console that was listened to.
struct Followed {
    std::uint64_t heard_bytes = 0;
    std::uint64_t connections = 0;
    std::uint64_t gaps = 0;  ///< how often it was lost
};

/// Listens to a console until the user wants the end; when it is lost, opens it again, after pauses
/// that grow up to a minute. Nothing is typed.
class Follower {
 public:
    using Heard = std::function<void(View bytes)>;
    /// A sentence about the connection: lost, made again.
    using Note = std::function<void(const std::string& text)>;

    /// All outlive it.
    Follower(plane::Console& console, const fleet::Attempt& attempt, plane::ConsoleWish wish)
        : console_(console),
          interrupt_(*attempt.interrupt),
          opening_limit_(attempt.limit),
          wish_(wish) {}

    /// Fails when the console cannot be had for a reason that time does not mend: a login, a
    /// consent, a session of somebody else.
    net::Task<void> run(Heard heard, Note note);
    const Followed& followed() const { return followed_; }

 private:
    net::Task<void> listen(plane::ConsoleLink& link, const Heard& heard);
    net::Task<void> read_all(plane::ConsoleLink& link, const Heard& heard);
    net::Task<void> finish_on_interrupt(plane::ConsoleLink& link);
    net::Task<void> wait(std::chrono::milliseconds pause);

    plane::Console& console_;
    fleet::Interrupt& interrupt_;
    std::chrono::milliseconds opening_limit_;
    plane::ConsoleWish wish_;
    Followed followed_;
};

/// What opening a console would do, for a dry run: the words go into `data.plan`, with `what`
/// behind what clears the way. All outlive the task. Throws what opening would throw.
net::Task<void> plan_console(plane::Device& device, plane::ConsoleWish wish, std::string what,
                             fleet::Attempt& attempt);

/// The plane's console. Throws Failure unsupported.console.
plane::Console& console_of(plane::Device& device);

}  // namespace oob::sol
