#include "net/datagram.h"

#include "support/run.h"

#include <doctest/doctest.h>
#include <boost/asio/this_coro.hpp>

#include <string>
#include <vector>

using namespace oob;
using namespace std::chrono_literals;
using net::Datagram;
using net::DatagramSocket;
using net::IpAddress;

namespace {

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

/// Everything that arrives until `count` datagrams have, as text; gives up after a while.
net::Task<std::vector<std::string>> receive(DatagramSocket& socket, std::size_t count) {
    std::vector<std::string> out;
    const auto limit = net::Clock::now() + 120s;
    while (out.size() < count && net::Clock::now() < limit) {
        for (const Datagram& each : socket.receive()) out.emplace_back(as_text(each.bytes));
        if (out.size() < count) co_await socket.wait(limit);
    }
    co_return out;
}

}  // namespace

TEST_CASE("addresses are read and written, and names are none") {
    for (const char* text : {"10.0.0.1", "127.77.255.254", "::1", "2001:db8::7", "fe80::1%lo"}) {
        CAPTURE(text);
        CHECK(net::to_string(address(text)) == text);
    }
    CHECK(address("[::1]") == address("::1"));
    CHECK(address("fe80::1%25lo") == address("fe80::1%lo"));
    CHECK(address("10.0.0.1").is_ipv4());
    CHECK(!address("::1").is_ipv4());
    CHECK(address("10.0.0.1").ipv4() == 0x0a000001);
    CHECK(IpAddress::from_ipv4(0x0a000001) == address("10.0.0.1"));
    for (const char* text : {"", "pc1", "10.0.0", "10.0.0.256", "10.0.0.1/24", "10.0.0.01",
                             "0x7f.1", "[10.0.0.1]", "::g", "[]", "fe80::1%no-such-interface"}) {
        CAPTURE(text);
        CHECK(!IpAddress::parse(text));
    }
}

TEST_CASE("many datagrams go out and come in, each with its peer and the address it was sent to") {
    const auto done = test::run([]() -> net::Task<void> {
        const auto executor = co_await boost::asio::this_coro::executor;
        net::DatagramOptions options;
        options.tell_local = true;
        DatagramSocket server(executor, options);
        DatagramSocket client(executor, {});
        std::vector<std::string> texts;
        for (int i = 0; i < 150; ++i) texts.push_back("datagram " + std::to_string(i));
        std::vector<Datagram> out;
        for (std::size_t i = 0; i < texts.size(); ++i)
            out.push_back({IpAddress::from_ipv4(0x7f4d0000 + static_cast<std::uint32_t>(i)),
                           server.port(), IpAddress{}, as_view(texts[i])});
        CHECK(client.send(out) == out.size());

        std::size_t seen = 0;
        const auto limit = net::Clock::now() + 120s;
        while (seen < out.size() && net::Clock::now() < limit) {
            const auto arrived = server.receive();
            CHECK(arrived.size() <= DatagramSocket::most_at_once);
            std::vector<Datagram> answers;
            for (const Datagram& each : arrived) {
                CHECK(each.port == client.port());
                CHECK(each.local == out[seen].peer);
                CHECK(as_text(each.bytes) == texts[seen]);
                answers.push_back({each.peer, each.port, each.local, as_view(texts[seen])});
                ++seen;
            }
            CHECK(server.send(answers) == answers.size());
            if (arrived.empty()) co_await server.wait(limit);
        }
        CHECK(seen == out.size());
        CHECK(co_await receive(client, out.size()) == texts);
    }());
    CHECK(done.has_value());
}

TEST_CASE("IPv6 datagrams go the same way") {
    const auto done = test::run([]() -> net::Task<void> {
        const auto executor = co_await boost::asio::this_coro::executor;
        net::DatagramOptions options;
        options.ipv6 = true;
        options.address = address("::1");
        DatagramSocket server(executor, options);
        options.address = std::nullopt;
        DatagramSocket client(executor, options);
        const Datagram out{address("::1"), server.port(), IpAddress{}, as_view("six")};
        CHECK(client.send(std::span(&out, 1)) == 1);
        CHECK(co_await receive(server, 1) == std::vector<std::string>{"six"});
    }());
    // A machine without IPv6 has nothing to show.
    if (!done) {
        CHECK(done.error().code == "connect.listen");
        MESSAGE("no IPv6 here: " << done.error().message);
    }
}

TEST_CASE("a wait ends at its limit when nothing comes, and again and again") {
    const auto done = test::run([]() -> net::Task<void> {
        DatagramSocket socket(co_await boost::asio::this_coro::executor, {});
        for (int i = 0; i < 3; ++i) {
            const auto begin = net::Clock::now();
            co_await socket.wait(begin + 20ms);
            CHECK(net::Clock::now() - begin >= 20ms);
            CHECK(socket.receive().empty());
        }
    }());
    CHECK(done.has_value());
}

TEST_CASE("a datagram that cannot be sent is counted and does not hold up the others") {
    const auto done = test::run([]() -> net::Task<void> {
        const auto executor = co_await boost::asio::this_coro::executor;
        DatagramSocket server(executor, {});
        DatagramSocket client(executor, {});
        // Broadcast is not permitted on a socket that did not ask for it.
        const std::vector<Datagram> out{
            {address("127.0.0.1"), server.port(), IpAddress{}, as_view("one")},
            {address("255.255.255.255"), server.port(), IpAddress{}, as_view("lost")},
            {address("127.0.0.1"), server.port(), IpAddress{}, as_view("two")}};
        CHECK(client.send(out) == 3);
        CHECK(client.refused() == 1);
        CHECK(co_await receive(server, 2) == std::vector<std::string>{"one", "two"});
    }());
    CHECK(done.has_value());
}

TEST_CASE("a port that is taken is an error with a hint") {
    const auto done = test::run([]() -> net::Task<void> {
        const auto executor = co_await boost::asio::this_coro::executor;
        const DatagramSocket first(executor, {});
        net::DatagramOptions options;
        options.port = first.port();
        const DatagramSocket second(executor, options);
    }());
    REQUIRE(!done.has_value());
    CHECK(done.error().code == "connect.listen");
    CHECK(!done.error().hint.empty());
}

TEST_CASE("a closed socket sends and receives nothing and does not wait") {
    const auto done = test::run([]() -> net::Task<void> {
        DatagramSocket socket(co_await boost::asio::this_coro::executor, {});
        socket.close();
        const Datagram out{address("127.0.0.1"), 9, IpAddress{}, as_view("x")};
        CHECK(socket.send(std::span(&out, 1)) == 0);
        CHECK(socket.receive().empty());
        co_await socket.wait(net::Clock::now() + 1h);
    }());
    CHECK(done.has_value());
}
