#pragma once

#include "net/deadline.h"
#include "net/task.h"

#include <list>

namespace oob::net {

/// Wakes tasks that wait for something to change. Whoever waits looks again when it is woken: the
/// bell says that something happened, not what.
class Bell {
 public:
    Bell();
    ~Bell();

    /// Until the next ring(). The bell outlives the task.
    Task<void> wait();
    /// Until the next ring(), or that time.
    Task<void> wait_until(Clock::time_point limit);
    void ring();

 private:
    struct Sleeper;
    std::list<Sleeper*> sleepers_;  // each lives in the frame of a task that waits
};

}  // namespace oob::net
