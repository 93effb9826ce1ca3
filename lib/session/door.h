#pragma once

#include "core/error.h"

namespace oob::session {

/// The one door through which changes leave for a device. It is shut in a dry run: whoever planned
/// badly fails here, before a byte is sent.
class Door {
 public:
    explicit Door(bool open = true) : open_(open) {}

    /// Throws Failure internal.dry_run when the door is shut.
    void pass() const {
        if (!open_)
            fail(Class::internal, "internal.dry_run",
                 "a dry run was about to change the device, and was stopped",
                 "nothing was changed; this is a fault of the program, please report it");
    }

 private:
    bool open_;
};

}  // namespace oob::session
