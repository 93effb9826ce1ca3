#include "net/group.h"

#include "support/run.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>

using namespace oob;
using namespace std::chrono_literals;

namespace {

struct Count {
    std::size_t now = 0;
    std::size_t most = 0;
    std::size_t ended = 0;
};

net::Task<void> work(Count& count, std::chrono::milliseconds pause) {
    count.most = std::max(count.most, ++count.now);
    co_await net::sleep_for(pause);
    --count.now;
    ++count.ended;
}

net::Task<void> work_in_threes(Count& count) {
    net::Group group;
    for (int i = 0; i < 20; ++i) {
        co_await group.wait_until_at_most(2);
        co_await group.spawn(work(count, 1ms));
    }
    co_await group.join();
}

net::Task<void> cancel_all(Count& count) {
    net::Group group;
    for (int i = 0; i < 5; ++i) co_await group.spawn(work(count, 1h));
    co_await net::sleep_for(1ms);
    group.cancel();
    co_await group.join();
}

net::Task<void> fail_after(std::chrono::milliseconds pause) {
    co_await net::sleep_for(pause);
    fail(Class::protocol, "test.broken", "broken", "mend it");
}

net::Task<void> fail_beside_others(Count& count, Result<void>& joined) {
    net::Group group;
    for (int i = 0; i < 3; ++i) co_await group.spawn(work(count, 1h));
    co_await group.spawn(fail_after(1ms));
    joined = co_await net::attempt(group.join());
    CHECK(group.size() == 0);
}

net::Task<void> fail_when_cancelled() {
    (void)co_await net::attempt(net::sleep_for(1h));
    fail(Class::protocol, "test.later", "broken, too", "mend it");
}

net::Task<void> fail_one_after_the_other(Result<void>& joined) {
    net::Group group;
    co_await group.spawn(fail_when_cancelled());
    co_await group.spawn(fail_after(1ms));
    joined = co_await net::attempt(group.join());
}

net::Task<void> cancel_own_group(net::Group& group) {
    group.cancel();
    co_return;
}

net::Task<void> end_others_at_once(Count& count) {
    net::Group group;
    co_await group.spawn(work(count, 1h));
    co_await group.spawn(cancel_own_group(group));
    co_await group.join();
}

net::Task<void> fail_apart(Count& count) {
    net::Group group;
    co_await group.spawn(work(count, 5ms));
    co_await group.spawn_apart(fail_after(1ms));
    co_await group.join();
}

}  // namespace

TEST_CASE("a group runs no more tasks at once than it is asked to") {
    Count count;
    REQUIRE(test::run(work_in_threes(count)));
    CHECK(count.most == 3);
    CHECK(count.ended == 20);
}

TEST_CASE("cancelling a group ends every task, and join returns") {
    Count count;
    REQUIRE(test::run(cancel_all(count)));
    CHECK(count.most == 5);
    CHECK(count.ended == 0);
}

TEST_CASE("a task that fails ends the others, and join hands its failure on") {
    Count count;
    Result<void> joined;
    REQUIRE(test::run(fail_beside_others(count, joined)));
    REQUIRE(!joined);
    CHECK(joined.error().code == "test.broken");
    CHECK(count.ended == 0);
}

TEST_CASE("the failure that ended the others is the one that join hands on") {
    Result<void> joined;
    REQUIRE(test::run(fail_one_after_the_other(joined)));
    REQUIRE(!joined);
    CHECK(joined.error().code == "test.broken");
}

TEST_CASE("a task that stands apart keeps its failure to itself") {
    Count count;
    REQUIRE(test::run(fail_apart(count)));
    CHECK(count.ended == 1);
}

TEST_CASE("a task that ends its group without ever waiting is waited for like any other") {
    Count count;
    REQUIRE(test::run(end_others_at_once(count)));
    CHECK(count.ended == 0);
}
