#pragma once

#include "net/task.h"

#include <memory>

namespace oob::net {

/// Wakes tasks that wait for something to change. Whoever waits looks again when it is woken: the
/// bell says that something happened, not what. It must not outlive the loop.
class Bell {
 public:
    Bell();
    ~Bell();

    /// Until the next ring(). The bell outlives the task.
    Task<void> wait();
    void ring();

 private:
    struct Timer;
    std::unique_ptr<Timer> timer_;
};

}  // namespace oob::net
