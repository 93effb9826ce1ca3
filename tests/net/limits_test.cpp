#include "net/limits.h"

#include "net/command.h"
#include "net/datagram.h"
#include "net/dialer.h"
#include "net/input.h"
#include "net/listener.h"
#include "net/lookup.h"
#include "net/source_address.h"
#include "net/ssh.h"
#include "own_network.h"
#include "support/descriptor_limit.h"
#include "support/run.h"
#include "support/temporary_folder.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/this_coro.hpp>

#include <doctest/doctest.h>

#include <cerrno>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

using namespace oob;
using namespace std::chrono_literals;
using net::Task;

namespace {

boost::system::error_code system_error(int number) {
    return {number, boost::system::system_category()};
}

/// How connecting ends, as the code of the error.
std::string dial_code(const net::DialOptions& options, net::Endpoint endpoint) {
    const auto stream = test::run(net::direct(options)(std::move(endpoint)));
    return stream ? "connected" : stream.error().code;
}

}  // namespace

TEST_CASE("what a machine is short of is no matter of the device") {
    struct Row {
        int number;
        const char* code;  ///< empty: no shortage
    };
    for (const Row& row :
         {Row{EMFILE, "config.descriptors"}, Row{ENFILE, "config.descriptors"},
          Row{ENOBUFS, "config.memory"}, Row{ENOMEM, "config.memory"}, Row{ECONNREFUSED, ""},
          Row{EADDRNOTAVAIL, ""}, Row{ETIMEDOUT, ""}, Row{0, ""}}) {
        CAPTURE(row.number);
        const auto error = net::local_shortage(system_error(row.number));
        CHECK((error ? error->code : "") == row.code);
        if (!error) continue;
        CHECK(error->kind == Class::config);
        CHECK(!error->hint.empty());
        CHECK(error->native.find("errno") != nullptr);
    }
    // The same number in another category means something else.
    CHECK(!net::local_shortage({EMFILE, boost::system::generic_category()}));
}

TEST_CASE("the soft limit of descriptors is raised to the hard one") {
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const rlimit low{before.rlim_max / 2, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
    CHECK(net::descriptor_limit() == low.rlim_cur);
    CHECK(net::raise_descriptor_limit() == before.rlim_max);
    CHECK(net::descriptor_limit() == before.rlim_max);
    CHECK(net::raise_descriptor_limit() == before.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_CASE("whatever needs a descriptor says that there is none left") {
    const test::TemporaryFolder folder;
    struct Row {
        const char* what;
        std::function<Task<void>()> act;
    };
    const std::vector<Row> rows{
        {"a connection", []() -> Task<void> { co_await net::direct({})({"127.0.0.1", 1}); }},
        {"a connection from an address",
         []() -> Task<void> { co_await net::direct({.bind = "127.0.0.1"})({"127.0.0.1", 1}); }},
        {"a connection over IPv6", []() -> Task<void> { co_await net::direct({})({"::1", 1}); }},
        {"a connection for a library",
         []() -> Task<void> { co_await net::connect_tcp({"127.0.0.1", 1}, {}); }},
        {"a bastion",
         []() -> Task<void> {
             net::SshBastion bastion({"user", "127.0.0.1", std::uint16_t{1}}, {});
             co_await bastion.connect();
         }},
        {"datagrams",
         []() -> Task<void> {
             net::DatagramSocket socket(co_await boost::asio::this_coro::executor, {});
         }},
        {"a listener",
         []() -> Task<void> {
             net::Listener::tcp(co_await boost::asio::this_coro::executor, "127.0.0.1", 0);
         }},
        {"a listener on a path",
         [&]() -> Task<void> {
             net::Listener::unix_socket(co_await boost::asio::this_coro::executor,
                                        (folder.path() / "socket").string());
         }},
        {"standard input", []() -> Task<void> { co_await net::Input::standard(); }},
        {"a command", []() -> Task<void> { co_await net::run_command("true", {}); }},
        {"a look-up", []() -> Task<void> { co_await net::look_up("localhost", net::Family::any); }},
    };
    for (const Row& row : rows) {
        CAPTURE(row.what);
        // Once with descriptors: the sanitizers need some when they see a type for the first time.
        (void)test::run(row.act());
        const auto done = test::run([](const Row& each) -> Task<void> {
            co_await net::sleep_for(1ms);  // the loop itself needs some
            const test::NoDescriptors none;
            co_await each.act();
        }(row));
        REQUIRE(!done);
        CHECK(done.error().kind == Class::config);
        CHECK(done.error().code == "config.descriptors");
        CHECK(!done.error().hint.empty());
    }
}

TEST_CASE("a shortage that Asio throws is one too, and no fault of the program") {
    const auto done = test::run([]() -> Task<void> {
        throw boost::system::system_error(system_error(EMFILE));
        co_return;
    }());
    CHECK(done.error().code == "config.descriptors");
}

TEST_CASE("a source address is one of this machine and of the peer's family") {
    CHECK(dial_code({.bind = "192.0.2.1"}, {"127.0.0.1", 1}) == "usage.bind");
    CHECK(dial_code({.bind = "nonsense"}, {"127.0.0.1", 1}) == "usage.bind");
    CHECK(dial_code({.bind = "127.0.0.1"}, {"::1", 1}) == "usage.bind");
    CHECK(dial_code({.family = net::Family::ipv6}, {"127.0.0.1", 1}) == "resolve.family");
    CHECK(dial_code({.bind = "127.0.0.1"}, {"127.0.0.1", 1}) == "connect.refused");
}

TEST_CASE("a source address is judged before anything is sent from it") {
    using net::Family;
    struct Row {
        const char* source;
        Family family;
        const char* says;  ///< nothing: it is good
    };
    for (const Row& row : {Row{"127.0.0.1", Family::any, ""}, Row{"127.0.0.1", Family::ipv4, ""},
                           Row{"127.0.0.1", Family::ipv6, "--bind 127.0.0.1 is IPv4, but -6"},
                           Row{"::1", Family::ipv4, "--bind ::1 is IPv6, but -4"},
                           Row{"192.0.2.1", Family::any, "no address of this machine"},
                           Row{"127.0.0.010", Family::any, "--bind is no address"},
                           Row{"eth0", Family::any, "--bind is no address"}}) {
        CAPTURE(row.source);
        const auto good = net::check_source(row.source, row.family);
        CHECK(good.has_value() == (*row.says == '\0'));
        if (good) continue;
        CHECK(good.error().code == "usage.bind");
        CHECK(good.error().message.contains(row.says));
        CHECK(!good.error().hint.empty());
    }
    CHECK(net::check_source_for("127.0.0.1", "10.0.0.7"));
    CHECK(net::check_source_for("127.0.0.1", "pc07"));
    CHECK(net::check_source_for("::1", "10.0.0.7").error().message ==
          "--bind ::1 is IPv6, and 10.0.0.7 is IPv4");
}

TEST_CASE("ports that are used up are a shortage, an address that cannot be reached is none") {
    const auto told = test::in_own_network([] {
        std::ofstream("/proc/sys/net/ipv4/ip_local_port_range") << "50000 50001";
        const auto codes = test::run([]() -> Task<std::string> {
            auto listener =
                net::Listener::tcp(co_await boost::asio::this_coro::executor, "127.0.0.1", 7777);
            std::vector<net::StreamPtr> open;
            for (;;) {
                auto stream = co_await net::attempt(net::direct({})({"127.0.0.1", 7777}));
                if (!stream || open.size() == 10) {
                    co_return std::to_string(open.size()) + " connections, " +
                        (stream ? "and no end" : stream.error().code);
                }
                open.push_back(*std::move(stream));
            }
        }());
        std::ofstream("/proc/sys/net/ipv6/conf/all/disable_ipv6") << "1";
        return codes.value_or("no listener") + ", " + dial_code({}, {"::1", 7777});
    });
    if (!told) {
        MESSAGE("skipped: this system gives the test no network of its own");
        return;
    }
    CHECK(*told == "2 connections, config.ports, connect.unreachable");
}

TEST_CASE("no program that is started later inherits a connection") {
    const auto flags = test::run([]() -> Task<int> {
        auto listener =
            net::Listener::tcp(co_await boost::asio::this_coro::executor, "127.0.0.1", 0);
        const int connected = co_await net::connect_tcp({"127.0.0.1", listener.port()}, {});
        const int out = ::fcntl(connected, F_GETFD);
        ::close(connected);
        co_return out;
    }());
    REQUIRE(flags);
    CHECK((*flags & FD_CLOEXEC) != 0);
}
