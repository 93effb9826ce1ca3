#include "fleet/interrupt.h"

#include "core/error.h"
#include "net/group.h"
#include "support/run.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace std::chrono_literals;
using net::Task;

namespace {

Task<void> raise_soon(fleet::Interrupt& interrupt) {
    co_await net::sleep_for(1ms);
    interrupt.raise();
}

Task<void> fail_at_once() {
    fail(Class::auth, "auth.rejected", "no", "hint");
    co_return;
}

Task<void> cut_off_a_long_wait(fleet::Interrupt& interrupt, Result<void>& outcome) {
    net::Group group;
    co_await group.spawn(raise_soon(interrupt));
    const auto wait = [&]() -> Task<void> {
        outcome = co_await net::attempt(interrupt.cut_off(net::sleep_for(1h)));
    };
    co_await group.spawn(wait());
    co_await group.join();
}

}  // namespace

TEST_CASE("nothing is begun once a run is to end") {
    fleet::Interrupt interrupt;
    interrupt.check();
    interrupt.raise();
    CHECK_THROWS_AS(interrupt.check(), Failure);
    const auto late = test::run(interrupt.cut_off(net::sleep_for(1h)));
    REQUIRE(!late);
    CHECK(late.error().code == "interrupted.stopped");
    bool begun = false;
    const auto note = [&]() -> Task<void> {
        begun = true;
        co_return;
    };
    CHECK_FALSE(test::run(interrupt.cut_off(note())));
    CHECK_FALSE(begun);
}

TEST_CASE("a wait is cut off when the run is to end") {
    fleet::Interrupt interrupt;
    Result<void> outcome;
    REQUIRE(test::run(cut_off_a_long_wait(interrupt, outcome)));
    REQUIRE(!outcome);
    CHECK(outcome.error().code == "interrupted.stopped");
}

TEST_CASE("what ends by itself ends as it ended") {
    fleet::Interrupt interrupt;
    CHECK(test::run(interrupt.cut_off(net::sleep_for(1ms))));
    CHECK(test::run(interrupt.cut_off(fail_at_once())).error().code == "auth.rejected");
}

TEST_CASE("a limit around it counts as a limit") {
    fleet::Interrupt interrupt;
    const auto late = test::run(net::within(1ms, interrupt.cut_off(net::sleep_for(1h)), "device"));
    REQUIRE(!late);
    CHECK(late.error().code == "timeout.device");
}
