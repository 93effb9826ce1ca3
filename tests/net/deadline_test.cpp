#include "net/deadline.h"

#include "support/run.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace std::chrono_literals;

namespace {

net::Task<int> answer_after(std::chrono::milliseconds pause) {
    co_await net::sleep_for(pause);
    co_return 42;
}

net::Task<int> refuse() {
    fail(Class::forbidden, "forbidden.test", "no");
    co_return 0;
}

net::Task<void> wait_long() { co_await net::sleep_for(1h); }

}  // namespace

TEST_CASE("a task that is quick enough keeps its value") {
    CHECK(test::run(net::within(1h, answer_after(1ms))).value() == 42);
}

TEST_CASE("a task that is too slow is cancelled and becomes a timeout") {
    const auto result = test::run(net::within(20ms, answer_after(1h), "connect"));
    REQUIRE(!result);
    CHECK(result.error().kind == Class::timeout);
    CHECK(result.error().code == "timeout.connect");
    CHECK(result.error().retryable);
}

TEST_CASE("a failing task fails at once, not when the time is over") {
    const auto result = test::run(net::within(1h, refuse()));
    REQUIRE(!result);
    CHECK(result.error().code == "forbidden.test");
}

TEST_CASE("a change that runs out of time is indeterminate, not merely late") {
    const auto result = test::run(net::within(20ms, net::committing(wait_long())));
    REQUIRE(!result);
    CHECK(result.error().kind == Class::indeterminate);
    CHECK(result.error().indeterminate);
}

TEST_CASE("a refused change is what the device said, and nothing is in doubt") {
    const auto result = test::run(net::committing(refuse()));
    REQUIRE(!result);
    CHECK(result.error().kind == Class::forbidden);
    CHECK_FALSE(result.error().indeterminate);
}

TEST_CASE("lost turns every way of losing an answer into indeterminate and keeps the cause") {
    for (const Class kind : {Class::connect, Class::timeout, Class::tls, Class::protocol,
                             Class::interrupted, Class::config, Class::internal}) {
        CAPTURE(name(kind));
        const Error error = net::lost(Error(kind, "x.y", "gone"));
        CHECK(error.kind == Class::indeterminate);
        CHECK(error.native.find("cause")->text() == "x.y");
    }
}
