#include "net/run.h"

#include "net/deadline.h"

#include <doctest/doctest.h>

#include <csignal>
#include <vector>

using namespace oob;
using namespace std::chrono_literals;

namespace {

/// What a run hears of the signals that the process gets, up to SIGTERM.
std::vector<int> heard_of(const std::vector<int>& sent) {
    std::vector<int> heard;
    net::run(
        [&]() -> net::Task<void> {
            for (const int number : sent) ::raise(number);
            ::raise(SIGTERM);
            while (heard.empty() || heard.back() != SIGTERM) co_await net::sleep_for(1ms);
        },
        [&](int number) { heard.push_back(number); });
    return heard;
}

}  // namespace

TEST_CASE("a run hears SIGINT, SIGTERM and SIGHUP") {
    CHECK(heard_of({SIGINT, SIGHUP}) == std::vector<int>{SIGINT, SIGHUP, SIGTERM});
}

TEST_CASE("a signal that was ignored when the program started stays ignored, as under nohup") {
    const auto before = ::signal(SIGHUP, SIG_IGN);
    CHECK(heard_of({SIGHUP}) == std::vector<int>{SIGTERM});
    const bool left_alone = ::signal(SIGHUP, before) == SIG_IGN;
    CHECK(left_alone);
}
