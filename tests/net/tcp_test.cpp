#include "net/dialer.h"
#include "net/group.h"
#include "net/listener.h"
#include "support/run.h"

#include <boost/asio/this_coro.hpp>

#include <doctest/doctest.h>

#include <array>

using namespace oob;
using net::Task;

namespace {

struct Pair {
    net::StreamPtr near;
    net::StreamPtr far;
};

/// Two ends of a connection over loopback.
Task<Pair> connected() {
    auto listener = net::Listener::tcp(co_await boost::asio::this_coro::executor, "127.0.0.1", 0);
    Pair out;
    out.near = co_await net::direct({})({"127.0.0.1", listener.port()});
    out.far = (co_await listener.accept()).stream;
    co_return out;
}

Task<std::string> read_code(net::Stream& stream) {
    std::array<std::byte, 64> buffer;
    const auto read = co_await net::attempt(stream.read_some(buffer));
    co_return read ? "read " + std::to_string(*read) : read.error().code;
}

}  // namespace

TEST_CASE("a write to a peer that does not read ends") {
    const auto ran = test::run([]() -> Task<std::string> {
        auto listener =
            net::Listener::tcp(co_await boost::asio::this_coro::executor, "127.0.0.1", 0);
        net::DialOptions options;
        options.write_limit = std::chrono::milliseconds(200);
        const auto near = co_await net::direct(options)({"127.0.0.1", listener.port()});
        const auto far = (co_await listener.accept()).stream;
        const Bytes much(std::size_t{64} << 20);  // more than any buffer in between
        const auto unread = co_await net::attempt(near->write(much));
        co_return unread ? "written" : unread.error().code;
    }());
    CHECK(ran == "timeout.write");
}

TEST_CASE("a write that waits for a peer is ended by a limit from outside, and by closing") {
    const auto ran = test::run([]() -> Task<std::string> {
        Pair pair = co_await connected();
        const Bytes much(std::size_t{64} << 20);
        const auto late = co_await net::attempt(
            net::within(std::chrono::milliseconds(50), pair.near->write(much), "device"));
        std::string closed;
        net::Group writer;
        co_await writer.spawn([](net::Stream& stream, View bytes, std::string& into) -> Task<void> {
            into = (co_await net::attempt(stream.write(bytes))).error().code;
        }(*pair.far, much, closed));
        co_await net::sleep_for(std::chrono::milliseconds(50));
        pair.far->close();
        co_await writer.join();
        co_return late.error().code + ", " + closed;
    }());
    CHECK(ran == "timeout.device, interrupted.cancelled");
}

TEST_CASE(
    "what was sent before a reset is read, and then the reset, whether one waits for it or not") {
    for (const bool waiting : {false, true}) {
        const auto ran = test::run([](bool wait) -> Task<std::string> {
            Pair pair = co_await connected();
            co_await pair.far->write(as_view("hello"));
            std::string out = co_await read_code(*pair.near);
            std::string after;
            net::Group reader;
            if (wait)
                co_await reader.spawn([](net::Stream& stream, std::string& into) -> Task<void> {
                    into = co_await read_code(stream);
                }(*pair.near, after));
            co_await net::sleep_for(std::chrono::milliseconds(20));
            pair.far->reset();
            co_await net::sleep_for(std::chrono::milliseconds(20));
            if (!wait) after = co_await read_code(*pair.near);
            co_await reader.join();
            co_return out + ", " + after;
        }(waiting));
        CHECK(ran == "read 5, connect.reset");
    }
}

TEST_CASE("an orderly end is no byte, and writing into a reset is an error") {
    const auto ran = test::run([]() -> Task<std::string> {
        Pair pair = co_await connected();
        pair.far->close();
        const std::string out = co_await read_code(*pair.near);
        Result<void> written;
        for (int i = 0; i < 10 && written; ++i) {
            written = co_await net::attempt(pair.near->write(as_view("hello")));
            co_await net::sleep_for(std::chrono::milliseconds(5));
        }
        co_return out + ", " + (written ? "written" : written.error().code);
    }());
    CHECK(ran == "read 0, connect.reset");
}

TEST_CASE("many bytes arrive whole, however fast they come") {
    const auto ran = test::run([]() -> Task<bool> {
        Pair pair = co_await connected();
        Bytes sent(8 << 20);
        for (std::size_t i = 0; i < sent.size(); ++i)
            sent[i] = static_cast<std::byte>(i * 7 + (i >> 12));
        net::Group writer;
        co_await writer.spawn([](net::Stream& stream, const Bytes& bytes) -> Task<void> {
            co_await stream.write(bytes);
            stream.close();
        }(*pair.far, sent));
        Bytes got(sent.size());
        const bool whole = co_await net::read_exactly(*pair.near, got);
        co_await writer.join();
        co_return whole&& got == sent;
    }());
    CHECK(ran == true);
}
