#pragma once

#include "net/bell.h"

namespace oob::cli {

/// The wish of the user that a verb without a time limit comes to its end.
class Interrupt {
 public:
    void raise() {
        raised_ = true;
        bell_.ring();
    }
    bool raised() const { return raised_; }
    /// Until it is raised.
    net::Task<void> wait() {
        while (!raised_) co_await bell_.wait();
    }

 private:
    net::Bell bell_;
    bool raised_ = false;
};

}  // namespace oob::cli
