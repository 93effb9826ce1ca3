#include "net/lookup.h"

#include "net/dialer.h"
#include "net/group.h"
#include "net/listener.h"
#include "support/run.h"

#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/this_coro.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace oob;
using namespace std::chrono_literals;
using net::Family;
using net::LookupAnswer;
using net::Task;

namespace {

/// A resolver that answers every name with 127.0.0.1, but hangs with those that begin with "dead"
/// until it is told to go on. Threads and the test share it.
class Resolver {
 public:
    LookupAnswer answer(const std::string& name) {
        std::unique_lock lock(mutex_);
        asked_.push_back(name);
        changed_.notify_all();
        if (!name.starts_with("dead")) return {{boost::asio::ip::address_v4::loopback()}};
        changed_.wait(lock, [&] { return released_; });
        return {.status = EAI_AGAIN};
    }

    void release() {
        const std::lock_guard lock(mutex_);
        released_ = true;
        changed_.notify_all();
    }

    /// Waits until so many names have been asked for.
    void wait_until_asked(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return asked_.size() >= count; });
    }

    std::vector<std::string> asked() {
        const std::lock_guard lock(mutex_);
        return asked_;
    }

 private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> asked_;
    bool released_ = false;
};

using ResolverPtr = std::shared_ptr<Resolver>;  // its threads may outlive the test's loop

/// Runs `body` on a loop whose names the resolver knows; whatever hangs goes on afterwards.
template <class T>
Result<T> run_with(const ResolverPtr& resolver, std::size_t threads, Task<T> body) {
    auto all = [&]() -> Task<T> {
        net::replace_lookup(
            co_await boost::asio::this_coro::executor,
            [resolver](const std::string& name, Family) { return resolver->answer(name); },
            threads);
        co_return co_await std::move(body);
    };
    Result<T> out = test::run(all());
    resolver->release();
    return out;
}

/// The first address of a name, or the code of the error.
Task<std::string> outcome(std::string name) {
    const auto found = co_await net::attempt(net::look_up(std::move(name), Family::any));
    co_return found ? found->front().to_string() : found.error().code;
}

Task<void> keep(Task<std::string> task, std::vector<std::string>& into) {
    into.push_back(co_await std::move(task));
}

/// How a look-up ends that is cancelled once a thread has it. The resolver outlives the task.
Task<std::string> give_up(std::string name, Resolver& resolver) {
    std::vector<std::string> ended;
    net::Group group;
    co_await group.spawn(keep(outcome(std::move(name)), ended));
    co_await net::sleep_for(1ms);
    resolver.wait_until_asked(1);
    group.cancel();
    co_await group.join();
    co_return ended.front();
}

}  // namespace

TEST_CASE("a name that is known is found while many others hang, and those can be left alone") {
    constexpr std::size_t dead = 40;
    const auto resolver = std::make_shared<Resolver>();
    std::vector<std::string> ended;
    const auto healthy = run_with(resolver, dead + 1, [&]() -> Task<std::string> {
        net::Group group;
        for (std::size_t i = 0; i < dead; ++i)
            co_await group.spawn(keep(outcome("dead-" + std::to_string(i)), ended));
        co_await net::sleep_for(1ms);
        resolver->wait_until_asked(dead);
        std::string found = co_await outcome("pc1");
        CHECK(ended.empty());
        group.cancel();
        co_await group.join();
        co_return found;
    }());
    CHECK(healthy == "127.0.0.1");
    CHECK(ended == std::vector<std::string>(dead, "interrupted.lookup"));
}

TEST_CASE("more names than threads wait for their turn, and a name that nobody wants is left out") {
    const auto resolver = std::make_shared<Resolver>();
    std::vector<std::string> seen;
    const auto done = run_with(resolver, 1, [&]() -> Task<void> {
        net::Group group;
        co_await group.spawn(keep(outcome("dead-1"), seen));
        co_await net::sleep_for(1ms);
        resolver->wait_until_asked(1);
        const auto waited =
            co_await net::attempt(net::within(5ms, net::look_up("unwanted", Family::any)));
        CHECK(waited.error().code == "resolve.timeout");
        co_await group.spawn(keep(outcome("pc1"), seen));
        co_await net::sleep_for(1ms);
        resolver->release();
        co_await group.join();
    }());
    CHECK(done.has_value());
    CHECK(seen == std::vector<std::string>{"resolve.failed", "127.0.0.1"});
    CHECK(resolver->asked() == std::vector<std::string>{"dead-1", "pc1"});
}

TEST_CASE("signals are for the loop, and no thread that looks a name up takes one") {
    const auto blocks = [] {
        sigset_t blocked;
        return ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked) == 0 &&
               sigismember(&blocked, SIGTERM) == 1;
    };
    bool thread_blocks = false;
    const auto found = test::run([&]() -> Task<std::string> {
        net::replace_lookup(
            co_await boost::asio::this_coro::executor,
            [&](const std::string&, Family) -> LookupAnswer {
                thread_blocks = blocks();
                return {{boost::asio::ip::address_v4::loopback()}};
            },
            1);
        co_return co_await outcome("pc1");
    }());
    CHECK(found == "127.0.0.1");
    CHECK(thread_blocks);
    CHECK_FALSE(blocks());
}

TEST_CASE("a name is asked for once at a time, however many want it and give up") {
    const auto resolver = std::make_shared<Resolver>();
    std::vector<std::string> seen;
    const auto done = run_with(resolver, 8, [&]() -> Task<void> {
        for (int i = 0; i < 3; ++i)
            CHECK(co_await give_up("dead", *resolver) == "interrupted.lookup");
        net::Group group;
        for (int i = 0; i < 5; ++i) co_await group.spawn(keep(outcome("dead"), seen));
        co_await net::sleep_for(1ms);
        resolver->release();
        co_await group.join();
    }());
    CHECK(done.has_value());
    CHECK(seen == std::vector<std::string>(5, "resolve.failed"));
    CHECK(resolver->asked() == std::vector<std::string>{"dead"});
}

TEST_CASE("a loop ends while a look-up hangs, and what the thread finds out later is dropped") {
    const auto resolver = std::make_shared<Resolver>();
    const auto ended = test::run([](ResolverPtr shared) -> Task<std::string> {
        net::replace_lookup(
            co_await boost::asio::this_coro::executor,
            [shared](const std::string& name, Family) { return shared->answer(name); }, 4);
        co_return co_await give_up("dead", *shared);
    }(resolver));
    CHECK(ended == "interrupted.lookup");
    CHECK(resolver.use_count() > 1);  // the thread's
    resolver->release();
    while (resolver.use_count() > 1) std::this_thread::sleep_for(1ms);
}

TEST_CASE("a limit that ends a look-up says so, whichever limit it was") {
    const net::Dial quick = net::direct({.connect_timeout = 20ms});
    const net::Dial patient = net::direct({.connect_timeout = 1h});
    struct Row {
        const char* what;
        std::function<Task<void>()> ask;
        const char* limit;
    };
    const std::vector<Row> rows{
        {"of connecting", [&]() -> Task<void> { co_await quick({"dead.example", 1}); }, "20 ms"},
        {"of connecting, for a descriptor",
         []() -> Task<void> {
             co_await net::connect_tcp({"dead.example", 1}, {.connect_timeout = 20ms});
         },
         "20 ms"},
        {"of the device",
         [&]() -> Task<void> {
             co_await net::within(30ms, patient({"dead.example", 1}), "device");
         },
         "30 ms"},
        {"of the name alone",
         []() -> Task<void> { co_await net::resolve_host("dead.example", Family::any, 10ms); },
         "10 ms"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        const auto resolver = std::make_shared<Resolver>();
        const auto done = run_with(resolver, 4, row.ask());
        REQUIRE(!done);
        CHECK(done.error().kind == Class::resolve);
        CHECK(done.error().code == "resolve.timeout");
        CHECK(done.error().message ==
              std::string("looking up dead.example took longer than ") + row.limit);
        CHECK(!done.error().hint.empty());
        CHECK(done.error().retryable);
    }
}

TEST_CASE("a device that is found but does not answer is another matter") {
    // A full queue of connections: the system does not answer further ones.
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof name;
    auto* const plain = reinterpret_cast<sockaddr*>(&name);
    REQUIRE(::bind(listener, plain, length) == 0);
    REQUIRE(::listen(listener, 0) == 0);
    REQUIRE(::getsockname(listener, plain, &length) == 0);
    const int first = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(::connect(first, plain, length) == 0);

    const net::Dial dial = net::direct({.connect_timeout = 20ms});
    const auto done = test::run(dial({"127.0.0.1", ntohs(name.sin_port)}));
    REQUIRE(!done);
    CHECK(done.error().code == "timeout.connect");
    ::close(first);
    ::close(listener);
}

TEST_CASE("an address needs no look-up, and what only looks like one is no name either") {
    const auto resolver = std::make_shared<Resolver>();
    const auto host = [&](std::string text) {
        auto found = run_with(resolver, 4, net::resolve_host(std::move(text), Family::any));
        return found ? found->front() : found.error().code;
    };
    for (const char* text : {"127.0.0.1", "10.0.0.7", "::1", "2001:db8::7"}) {
        CAPTURE(text);
        CHECK(host(text) == text);
    }
    for (const char* text : {"127.0.0.010", "127.1", "10.0.7", "2130706433", "0x7f000001",
                             "0x7f.0.0.1", "010.0.0.7"}) {
        CAPTURE(text);
        CHECK(host(text) == "usage.host");
    }
    CHECK(resolver->asked().empty());
    CHECK(host("pc1") == "127.0.0.1");
    CHECK(resolver->asked() == std::vector<std::string>{"pc1"});
}

TEST_CASE("nobody is asked for a name that never has an address (RFC 6761, section 6.4)") {
    const auto resolver = std::make_shared<Resolver>();
    for (const char* name : {"pc1.invalid", "pc1.Invalid.", "invalid"}) {
        CAPTURE(name);
        CHECK(run_with(resolver, 4, outcome(name)) == "resolve.failed");
    }
    CHECK(resolver->asked().empty());
    for (const char* name : {"pc1.notinvalid", "invalid.example", "invalid-"})
        CHECK(run_with(resolver, 4, outcome(name)) == "127.0.0.1");
}

TEST_CASE("what the resolver says becomes an error that tells whose fault it is") {
    struct Row {
        LookupAnswer answer;
        const char* code;
        bool retryable;
    };
    for (const Row& row : {
             Row{{.status = EAI_NONAME}, "resolve.failed", false},
             Row{{.status = EAI_AGAIN}, "resolve.failed", true},
             Row{{.status = EAI_SYSTEM, .error_number = EIO}, "resolve.failed", false},
             Row{{}, "resolve.failed", false},
             Row{{.status = EAI_SYSTEM, .error_number = EMFILE}, "config.descriptors", false},
             Row{{.status = EAI_AGAIN, .error_number = ENFILE}, "config.descriptors", false},
             Row{{.status = EAI_MEMORY}, "config.memory", false},
         }) {
        CAPTURE(row.answer.status);
        CAPTURE(row.answer.error_number);
        const auto done = test::run([](LookupAnswer answer) -> Task<void> {
            net::replace_lookup(
                co_await boost::asio::this_coro::executor,
                [answer](const std::string&, Family) { return answer; }, 1);
            co_await net::look_up("pc1", Family::any);
        }(row.answer));
        REQUIRE(!done);
        CHECK(done.error().code == row.code);
        CHECK(done.error().retryable == row.retryable);
        CHECK(!done.error().hint.empty());
    }
}

TEST_CASE("the family that is wanted is the one that is asked for") {
    for (const Family family : {Family::any, Family::ipv4, Family::ipv6}) {
        Family asked{};
        const auto done = test::run([](Family wanted, Family& into) -> Task<void> {
            net::replace_lookup(
                co_await boost::asio::this_coro::executor,
                [&into](const std::string&, Family each) -> LookupAnswer {
                    into = each;
                    return {{boost::asio::ip::address_v4::loopback()}};
                },
                1);
            co_await net::resolve_host("pc1", wanted);
        }(family, asked));
        CHECK(done.has_value());
        CHECK(asked == family);
    }
}

TEST_CASE("the system's resolver is asked") {
    const auto found = test::run(net::look_up("localhost", Family::any));
    if (!found) {
        MESSAGE("this machine does not know localhost: " << found.error().message);
        CHECK(found.error().code == "resolve.failed");
        return;
    }
    CHECK(std::ranges::all_of(*found, [](const auto& each) { return each.is_loopback(); }));
}
