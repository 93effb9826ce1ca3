#pragma once

#include "net/task.h"

#include <cstddef>
#include <memory>

namespace oob::net {

/// Tasks that run beside each other, each held until it ends: nothing is detached. No failure is
/// lost: the first one cancels the others, and join() throws it. The group must be joined before it
/// is destroyed.
class Group {
 public:
    Group();
    ~Group();

    /// Starts the task on the caller's executor.
    Task<void> spawn(Task<void> task);
    /// The same for a task whose failure is its own affair: somebody else tells of it, or nobody
    /// wants to know, as with one connection of a server.
    Task<void> spawn_apart(Task<void> task);
    /// Asks every task to stop at its next wait.
    void cancel();
    /// Waits until at most `count` tasks are left.
    Task<void> wait_until_at_most(std::size_t count);
    /// Waits for all, then throws the first failure of one of them, if any; being cancelled is
    /// none. When the waiting task is cancelled, they are cancelled too, and waited for: whatever
    /// they refer to may go afterwards.
    Task<void> join();
    std::size_t size() const;

 private:
    struct State;
    std::shared_ptr<State>
        state_;  // shared with the tasks: one may end while the group is being destroyed
};

}  // namespace oob::net
