#include "fleet/scan.h"

#include "net/group.h"
#include "support/run.h"

#include <doctest/doctest.h>
#include <boost/asio/this_coro.hpp>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace oob;
using namespace std::chrono_literals;
using fleet::AddressList;
using fleet::Found;
using fleet::Probe;
using fleet::Scan;
using fleet::ScanOptions;
using net::Task;

namespace {

/// A made-up protocol: a letter and the tag as a question, the letter in upper case and the tag as
/// the answer.
Probe probe(char letter) {
    const auto text = [](char first, std::uint8_t tag) {
        return std::string{first, static_cast<char>(tag)};
    };
    Probe out;
    out.name = std::string(1, letter);
    out.request = [=](std::uint8_t tag) {
        const std::string said = text(letter, tag);
        const View bytes = as_view(said);
        return Bytes(bytes.begin(), bytes.end());
    };
    out.is_answer = [=](View datagram, std::uint8_t tag) {
        return as_text(datagram) == text(static_cast<char>(letter - 'a' + 'A'), tag);
    };
    return out;
}

/// A peer at every address of 127/8: for each question `answers` tells how many times it is
/// answered, and the count of this question to this address so far stands beside it.
struct Peer {
    using Answers = std::function<std::string(const std::string& address, std::string question,
                                              unsigned count)>;

    Peer(boost::asio::any_io_executor executor, Answers how)
        : socket(std::move(executor), {.tell_local = true}), answers(std::move(how)) {}

    Task<void> run() {
        while (!closed) {
            for (const net::Datagram& each : socket.receive()) {
                const std::string address = net::to_string(each.local);
                const std::string question(as_text(each.bytes));
                const unsigned count = ++asked[address + question.substr(0, 1)];
                const std::string answer = answers(address, question, count);
                const net::Datagram out{each.peer, each.port, each.local, as_view(answer)};
                if (!answer.empty()) (void)socket.send(std::span(&out, 1));
            }
            if (!closed) co_await socket.wait(net::Clock::now() + 1s);
        }
    }
    void close() {
        closed = true;
        socket.close();
    }

    net::DatagramSocket socket;
    Answers answers;
    std::map<std::string, unsigned> asked;
    bool closed = false;
};

std::string shout(std::string question) {
    question[0] = static_cast<char>(question[0] - 'a' + 'A');
    return question;
}

struct Outcome {
    std::vector<Found> found;
    std::map<std::string, unsigned> asked;
    std::uint64_t strays = 0;
    std::uint64_t sent = 0;
    bool stopped_early = false;
    std::chrono::milliseconds elapsed{0};
};

Outcome scan(const std::string& range, ScanOptions options, Peer::Answers answers,
             std::function<void(Scan&, const Found&)> on_found = {}) {
    Outcome out;
    const auto done = test::run([&]() -> Task<void> {
        Peer peer(co_await boost::asio::this_coro::executor, answers);
        net::Group group;
        co_await group.spawn(peer.run());
        AddressList addresses;
        take(addresses.add(range));
        addresses.finish();
        options.port = peer.socket.port();
        Scan* self = nullptr;
        Scan engine(addresses, options, [&](Found found) {
            if (on_found) on_found(*self, found);
            out.found.push_back(std::move(found));
        });
        self = &engine;
        const auto begin = net::Clock::now();
        co_await engine.run();
        out.elapsed =
            std::chrono::duration_cast<std::chrono::milliseconds>(net::Clock::now() - begin);
        out.strays = engine.strays();
        out.sent = engine.sent();
        out.stopped_early = engine.stopped_early();
        out.asked = peer.asked;
        peer.close();
        co_await group.join();
    }());
    REQUIRE(done.has_value());
    return out;
}

// Long enough for an answer on a loaded machine, and short enough for silence to be tested.
constexpr std::chrono::milliseconds quick_gap{300};
constexpr std::chrono::milliseconds quick_wait{600};

ScanOptions quick(std::vector<Probe> probes) {
    ScanOptions out;
    out.probes = std::move(probes);
    out.rate = 0;
    out.first_gap = quick_gap;
    out.last_wait = quick_wait;
    return out;
}

}  // namespace

TEST_CASE("every address that answers is found once, with all of its answers") {
    const auto outcome = scan("127.77.0.0/20", quick({probe('a'), probe('b')}),
                              [](const auto&, auto question, unsigned) { return shout(question); });
    std::set<std::string> seen;
    for (const Found& each : outcome.found) {
        seen.insert(net::to_string(each.address));
        REQUIRE(each.answers.size() == 2);
        CHECK(each.answers[0].has_value());
        CHECK(each.answers[1].has_value());
    }
    CHECK(outcome.found.size() == 4096);
    CHECK(seen.size() == 4096);
    CHECK(!outcome.stopped_early);
}

TEST_CASE("silence ends in nothing, after as many copies as were asked for") {
    ScanOptions options = quick({probe('a')});
    options.copies = 3;
    const auto outcome = scan("127.77.0.1-127.77.0.4", options,
                              [](const auto&, auto, unsigned) { return std::string(); });
    CHECK(outcome.found.empty());
    CHECK(outcome.sent == 12);
    for (const auto& [who, count] : outcome.asked) CHECK(count == 3);
    CHECK(outcome.elapsed >= quick_gap + 2 * quick_gap + quick_wait);
}

TEST_CASE("a lost datagram is sent again, and only what is missing") {
    const auto outcome = scan("127.77.0.1", quick({probe('a'), probe('b')}),
                              [](const auto&, auto question, unsigned count) {
                                  const bool lost = question[0] == 'b' && count < 3;
                                  return lost ? std::string() : shout(question);
                              });
    REQUIRE(outcome.found.size() == 1);
    CHECK(outcome.found[0].copies == 3);
    CHECK(outcome.found[0].answers[1].has_value());
    CHECK(outcome.asked.at("127.77.0.1a") == 1);
    CHECK(outcome.asked.at("127.77.0.1b") == 3);
}

TEST_CASE("an address that answers one question of two is found when its time is over") {
    const auto outcome = scan("127.77.0.1", quick({probe('a'), probe('b')}),
                              [](const auto&, auto question, unsigned) {
                                  return question[0] == 'a' ? shout(question) : std::string();
                              });
    REQUIRE(outcome.found.size() == 1);
    CHECK(outcome.found[0].answers[0].has_value());
    CHECK(!outcome.found[0].answers[1].has_value());
    CHECK(outcome.elapsed >= quick_gap + 2 * quick_gap + quick_wait);
}

TEST_CASE("an answer with another tag, or of another kind, is a stray") {
    const auto outcome = scan("127.77.0.1-127.77.0.2", quick({probe('a')}),
                              [](const auto& address, auto question, unsigned) {
                                  question[1] = static_cast<char>(question[1] + 1);
                                  return address == "127.77.0.1" ? shout(question) : "nonsense";
                              });
    CHECK(outcome.found.empty());
    CHECK(outcome.strays == 6);
}

TEST_CASE("few places in flight are enough for many addresses") {
    ScanOptions options = quick({probe('a')});
    options.in_flight = 16;
    options.copies = 1;
    const auto outcome =
        scan("127.77.0.0/24", options, [](const auto& address, auto question, unsigned) {
            return address.ends_with("3") ? std::string() : shout(question);
        });
    CHECK(outcome.found.size() == 256 - 26);
    CHECK(outcome.sent == 256);
}

TEST_CASE("the rate is kept") {
    ScanOptions options = quick({probe('a')});
    options.rate = 1000;
    const auto outcome = scan("127.77.0.0/24", options,
                              [](const auto&, auto question, unsigned) { return shout(question); });
    CHECK(outcome.found.size() == 256);
    CHECK(outcome.elapsed >= 220ms);  // 32 at once, then one a millisecond
}

TEST_CASE("a slow rate does not use up the copies before they were sent") {
    ScanOptions options = quick({probe('a')});
    options.rate = 100;
    const auto outcome = scan("127.77.0.0/26", options,
                              [](const auto&, auto question, unsigned) { return shout(question); });
    CHECK(outcome.found.size() == 64);
    CHECK(outcome.sent == 64);
}

TEST_CASE("a scan that is drained asks nobody new and hears out who was asked") {
    ScanOptions options = quick({probe('a')});
    options.rate = 500;
    const auto outcome = scan(
        "127.77.0.0/20", options,
        [](const auto&, auto question, unsigned) { return shout(question); },
        [](Scan& engine, const Found&) { engine.drain(); });
    CHECK(!outcome.found.empty());
    CHECK(outcome.found.size() == outcome.sent);
    CHECK(outcome.sent < 4096);
    CHECK(outcome.stopped_early);
}

TEST_CASE("a deadline ends the asking") {
    ScanOptions options = quick({probe('a')});
    options.rate = 100;
    options.deadline = 100ms;
    const auto outcome = scan("127.77.0.0/20", options,
                              [](const auto&, auto question, unsigned) { return shout(question); });
    CHECK(outcome.stopped_early);
}

TEST_CASE("a scan may outlive its loop, and what could not be sent is known then") {
    AddressList addresses;
    take(addresses.add("255.255.255.255"));
    addresses.finish();
    ScanOptions options = quick({probe('a')});
    options.port = 9;
    options.copies = 1;
    Scan engine(addresses, options, [](Found) { FAIL("somebody answered"); });
    const auto done = test::run(engine.run());
    CHECK(done.has_value());
    CHECK(engine.refused() == 1);
}

TEST_CASE("nothing to ask is over at once") {
    AddressList nobody;
    nobody.finish();
    const auto done = test::run([&]() -> Task<void> {
        Scan engine(nobody, quick({probe('a')}), [](Found) { FAIL("somebody answered"); });
        co_await engine.run();
        CHECK(engine.sent() == 0);
    }());
    CHECK(done.has_value());
}
