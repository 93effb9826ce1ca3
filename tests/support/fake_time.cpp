#include "support/fake_time.h"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace {

std::chrono::nanoseconds now = std::chrono::hours(1);
std::chrono::nanoseconds end = std::chrono::nanoseconds::max();

int ready(int loop, epoll_event* events, int most) {
    // Not epoll_wait(), which is below, and which the kernel has not everywhere.
    return static_cast<int>(
        ::syscall(SYS_epoll_pwait, loop, events, most, 0, static_cast<void*>(nullptr), 0));
}

}  // namespace

namespace oob::test {

void let_pass_at_most(std::chrono::nanoseconds duration) { end = now + duration; }

}  // namespace oob::test

// In place of the C++ library's.
std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept {
    return time_point(::now);
}

/// Without one the loop asks the clock itself which timers are due.
extern "C" int timerfd_create(int, int) noexcept {
    errno = ENOSYS;
    return -1;
}

/// `milliseconds` is how long the loop wants to wait: until its next timer.
extern "C" int epoll_wait(int loop, epoll_event* events, int most, int milliseconds) {
    const int count = ready(loop, events, most);
    if (count != 0 || milliseconds == 0) return count;
    now += std::chrono::milliseconds(milliseconds < 0 ? 1000 : milliseconds);
    if (now > end) {
        std::fputs("fake time: the time is over, and something still waits\n", stderr);
        std::abort();
    }
    return 0;
}
