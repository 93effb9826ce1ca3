#include "net/backoff.h"

#include <doctest/doctest.h>

#include <vector>

using namespace oob;
using namespace std::chrono_literals;

TEST_CASE("what keeps ending without having been of use is begun ever more rarely") {
    const auto start = net::Clock::now();
    net::Backoff backoff(1s, 10s);
    auto now = start;
    std::vector<long> begun;
    for (int i = 0; i < 7; ++i) {
        now = backoff.next(now);
        backoff.begun(now);
        begun.push_back(std::chrono::duration_cast<std::chrono::seconds>(now - start).count());
    }
    CHECK(begun == std::vector<long>{0, 1, 3, 7, 15, 25, 35});
}

TEST_CASE("what was of use may be begun again soon, but not at once") {
    const auto start = net::Clock::now();
    net::Backoff backoff(1s, 10s);
    for (int i = 0; i < 5; ++i) backoff.begun(start);
    CHECK(backoff.next(start) == start + 10s);
    backoff.served();
    CHECK(backoff.next(start) == start + 1s);
    backoff.begun(start + 1s);
    CHECK(backoff.next(start + 1s) == start + 2s);
    backoff.begun(start + 2s);
    CHECK(backoff.next(start + 2s) == start + 4s);
}

TEST_CASE("pauses count from the beginning, and the first beginning waits for nothing") {
    const auto start = net::Clock::now();
    net::Backoff backoff(1s, 10s);
    CHECK(backoff.next(start) == start);
    backoff.begun(start);
    CHECK(backoff.next(start + 400ms) == start + 1s);
    CHECK(backoff.next(start + 1h) == start + 1h);
}
