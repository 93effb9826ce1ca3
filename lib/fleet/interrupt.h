#pragma once

#include "net/bell.h"
#include "net/deadline.h"

namespace oob::fleet {

/// The wish that a run comes to its end: a signal, a journal that cannot be written, the end of its
/// time. Nothing new is begun then; what is under way ends in good order.
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
    /// To be called between two steps of a change: fails with interrupted.stopped once it is
    /// raised, so that the next step is never begun.
    void check() const;
    /// Runs a task that may be cut off at any time, because it only reads or waits; fails with
    /// interrupted.stopped when it is raised meanwhile. Outlives the task.
    net::Task<void> cut_off(net::Task<void> task);

 private:
    net::Bell bell_;
    bool raised_ = false;
};

}  // namespace oob::fleet
