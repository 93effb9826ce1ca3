#pragma once

#include "fleet/runner.h"
#include "plane/device.h"

#include <functional>
#include <string>

namespace oob::ider {

/// The host's one start from an image that is lent to it.
class Restart {
 public:
    /// All outlive it.
    Restart(plane::Device& device, const plane::MediaWish& wish, fleet::Attempt& attempt);

    /// What go() would do, in words that follow others; nothing is changed.
    net::Task<std::string> plan();
    /// Reads the state before; fails when the host cannot start from an image.
    net::Task<void> check();
    /// Sets the next start, reads it back, and resets the host or switches it on; before each,
    /// `check` throws when that shall not be any more.
    net::Task<void> go(std::function<net::Task<void>()> check);
    /// The host is starting: what it starts from has to stay until that is proved.
    bool started() const { return started_; }
    /// Takes back what the host has not used, and switches off what was switched on for it.
    net::Task<void> undo(plane::Media& media);

 private:
    plane::Power& power_;
    plane::Boot& boot_;
    plane::BootWish wish_;
    fleet::Attempt& attempt_;
    plane::PowerWatch watch_;
    plane::BootWatch seen_;
    bool set_ = false;
    bool started_ = false;
    bool used_ = false;
};

}  // namespace oob::ider
