#include "fleet/interrupt.h"

#include "core/error.h"
#include "net/group.h"

#include <exception>
#include <optional>
#include <utility>

namespace oob::fleet {

using net::Task;

namespace {

Error stopped() {
    return {Class::interrupted, "interrupted.stopped", "the run was stopped before this was done",
            "the record tells what was done; run it again for the rest"};
}

}  // namespace

void Interrupt::check() const {
    if (raised_) fail(stopped());
}

Task<void> Interrupt::cut_off(Task<void> task) {
    check();
    std::optional<Result<void>> outcome;
    net::Group group;
    const auto body = [&]() -> Task<void> {
        outcome = co_await net::attempt(std::move(task));
        bell_.ring();
    };
    const auto watch = [&]() -> Task<void> {
        while (!raised_ && !outcome) co_await bell_.wait();
        if (!outcome) group.cancel();
    };
    co_await group.spawn(body());
    co_await group.spawn(watch());
    std::exception_ptr cut;
    try {
        co_await group.join();
    } catch (...) {
        cut = std::current_exception();
    }
    // How the task ended that was cut off says more than that it was.
    if (cut && outcome && !*outcome) fail(outcome->error());
    if (cut) std::rethrow_exception(cut);
    if (!outcome || (raised_ && !*outcome && outcome->error().kind == Class::interrupted))
        fail(stopped());
    take(std::move(*outcome));
}

}  // namespace oob::fleet
