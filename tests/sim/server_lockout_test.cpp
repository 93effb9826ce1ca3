#include "core/text.h"
#include "sim/server_rig.h"

#include <doctest/doctest.h>
#include <atomic>

using namespace oob;
using namespace oob::sim::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* device = "127.77.9.6";

/// A fleet whose clock stands still until a test moves it.
struct ClockedRig {
    std::atomic<std::int64_t> seconds = 1'780'000'000;
    Rig rig{[this](sim::FleetOptions& options) {
        options.now = [this] {
            return std::chrono::system_clock::time_point(std::chrono::seconds(seconds.load()));
        };
    }};

    std::string log_in(const char* secret) {
        Credentials login = get_challenge(rig, device);
        login.secret = secret;
        RawClient client(device, rig.ports().http);
        client.send(post(envelope(), login.line(envelope())));
        const int answer = status(client.read_reply());
        const std::string verdict = rig.last_entry(device).login;
        CHECK(answer == (verdict == "accepted" ? 200 : 401));
        return verdict;
    }
    void fail_times(int count) {
        for (int i = 0; i < count; ++i) CHECK(log_in("wrong") == "rejected");
    }
};

}  // namespace

TEST_CASE("ten failures in a row lock the device for five seconds, also for the right password") {
    ClockedRig clocked;
    clocked.fail_times(9);
    CHECK(clocked.log_in(password) == "accepted");
    clocked.fail_times(10);
    CHECK(clocked.log_in(password) == "locked");
    clocked.seconds += 4;
    CHECK(clocked.log_in(password) == "locked");
    clocked.seconds += 1;
    CHECK(clocked.log_in(password) == "accepted");
}

TEST_CASE("a lock-out is written into the device's event log") {
    ClockedRig clocked;
    const auto events = [&] {
        std::int64_t count = 0;
        clocked.rig.on_loop([&](sim::Fleet& fleet) {
            const Value state = fleet.device(device)->state();
            count = state.find("events")->integer();
        });
        return count;
    };
    const std::int64_t before = events();
    clocked.fail_times(9);
    CHECK(events() == before);
    clocked.fail_times(1);
    CHECK(events() == before + 1);
    CHECK(clocked.log_in("wrong") == "locked");
    CHECK(events() == before + 1);
}

TEST_CASE("while failures go on the period doubles up to eighty seconds") {
    ClockedRig clocked;
    clocked.fail_times(10);
    for (const int period : {5, 10, 20, 40, 80, 80}) {
        CAPTURE(period);
        clocked.seconds += period - 1;
        CHECK(clocked.log_in("wrong") == "locked");
        clocked.seconds += 1;
        CHECK(clocked.log_in("wrong") == "rejected");
    }
}

TEST_CASE("an hour without a failure clears the count") {
    ClockedRig clocked;
    clocked.fail_times(9);
    clocked.seconds += 3601;
    clocked.fail_times(9);
    CHECK(clocked.log_in(password) == "accepted");
}

TEST_CASE("a locked device still answers 401 with the same page") {
    ClockedRig clocked;
    Credentials login = get_challenge(clocked.rig, device);
    login.secret = "wrong";
    const auto attempt = [&] {
        RawClient client(device, clocked.rig.ports().http);
        client.send(post(envelope(), login.line(envelope())));
        return client.read_reply();
    };
    const std::string rejected = attempt();
    for (int i = 0; i < 9; ++i) attempt();
    const std::string locked = attempt();
    CHECK(clocked.rig.last_entry(device).login == "locked");
    CHECK(status(locked) == 401);
    CHECK(!field(locked, "WWW-Authenticate").empty());
    CHECK(body(locked) == body(rejected));
}

TEST_CASE("requests without credentials do not count as failures, and devices count apart") {
    ClockedRig clocked;
    for (int i = 0; i < 30; ++i) get_challenge(clocked.rig, device);
    CHECK(clocked.log_in(password) == "accepted");
    clocked.fail_times(10);
    Credentials login = get_challenge(clocked.rig, "127.77.9.7");
    RawClient client("127.77.9.7", clocked.rig.ports().http);
    client.send(post(envelope(), login.line(envelope())));
    CHECK(status(client.read_reply()) == 200);
}

TEST_CASE("a nonce is forgotten when nobody has used it for an hour") {
    ClockedRig clocked;
    Credentials login = get_challenge(clocked.rig, device);
    const auto attempt = [&] {
        RawClient client(device, clocked.rig.ports().http);
        client.send(post(envelope(), login.line(envelope())));
        client.read_reply();
        return clocked.rig.last_entry(device).login;
    };
    clocked.seconds += 3600;
    CHECK(attempt() == "accepted");
    clocked.seconds += 3601;
    CHECK(attempt() == "unknown_nonce");
}
