#pragma once

#include "core/error.h"

#include <functional>
#include <utility>

namespace oob::session {

/// The one door through which changes leave for a device. It is shut in a dry run: whoever planned
/// badly fails here, before a byte is sent. Once the run is to end, no device is begun with; one
/// that was begun with may bring its change to an end, or take it back.
class Door {
 public:
    /// `stopping`, when given, tells whether the run is to end.
    explicit Door(bool open = true, std::function<bool()> stopping = {})
        : open_(open), stopping_(std::move(stopping)) {}

    /// To be called before anything is sent that changes something. Throws Failure:
    /// internal.dry_run when the door is shut, interrupted.stopped when it is too late to begin.
    void pass() {
        if (!open_)
            fail(Class::internal, "internal.dry_run",
                 "a dry run was about to change the device, and was stopped",
                 "nothing was changed; this is a fault of the program, please report it");
        if (!begun_ && stopping_ && stopping_())
            fail(Class::interrupted, "interrupted.stopped",
                 "the run was stopped before anything was changed",
                 "run it again for the devices that are left");
        begun_ = true;
    }

 private:
    bool open_;
    std::function<bool()> stopping_;
    bool begun_ = false;
};

}  // namespace oob::session
