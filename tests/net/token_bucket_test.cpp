#include "net/token_bucket.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace std::chrono_literals;

TEST_CASE("a bucket starts full and fills at its rate, no further than its burst") {
    const auto start = net::Clock::now();
    net::TokenBucket bucket(1000, 32, start);
    CHECK(bucket.take(100, start) == 32);
    CHECK(bucket.take(100, start) == 0);
    CHECK(bucket.take(100, start + 10ms) == 10);
    CHECK(bucket.take(3, start + 20ms) == 3);
    CHECK(bucket.take(100, start + 20ms) == 7);
    CHECK(bucket.take(100, start + 10s) == 32);
}

TEST_CASE("over a long time a bucket gives what its rate says") {
    const auto start = net::Clock::now();
    net::TokenBucket bucket(5000, 32, start);
    std::size_t taken = 0;
    for (int i = 1; i <= 10'000; ++i) taken += bucket.take(64, start + i * 1ms);
    CHECK(taken >= 50'000);
    CHECK(taken <= 50'032);
}

TEST_CASE("tokens that were not used come back") {
    const auto start = net::Clock::now();
    net::TokenBucket bucket(1000, 32, start);
    CHECK(bucket.take(32, start) == 32);
    bucket.put_back(5);
    CHECK(bucket.take(32, start) == 5);
}

TEST_CASE("a bucket says when the next token is there") {
    const auto start = net::Clock::now();
    net::TokenBucket bucket(100, 1, start);
    CHECK(bucket.next(start) == start);
    CHECK(bucket.take(1, start) == 1);
    CHECK(bucket.next(start) == start + 10ms);
    CHECK(bucket.take(1, bucket.next(start)) == 1);
}

TEST_CASE("a rate of zero has no limit, and a clock that goes back does no harm") {
    const auto start = net::Clock::now();
    net::TokenBucket free(0, 1, start);
    CHECK(free.take(1'000'000, start) == 1'000'000);
    CHECK(free.next(start) == start);
    net::TokenBucket bucket(1000, 10, start);
    CHECK(bucket.take(10, start) == 10);
    CHECK(bucket.take(10, start - 1s) == 0);
    CHECK(bucket.take(10, start + 1ms) == 1);
}
