#include "sim/sol_socket.h"

#include "net/deadline.h"

#include <array>
#include <chrono>

namespace oob::sim {

namespace {

constexpr std::chrono::milliseconds write_limit{60'000};
/// With somebody at the console a host waits for its port; nothing is lost then.
constexpr std::size_t most_waiting = Console::most_output / 2;

}  // namespace

SolSocket::SolSocket(boost::asio::any_io_executor executor, Member& member, const std::string& path)
    : member_(member), door_(executor, path, most_connections) {}

net::Task<void> SolSocket::converse(net::StreamPtr stream) {
    const auto turn = co_await ends_.take();
    open_ = true;
    member_.console.attach();
    net::Group typing;
    co_await typing.spawn_apart(pass_on_typed(stream.get()));
    (void)co_await net::attempt(take_output(*stream));
    open_ = false;
    stream->close();
    member_.console.detach();
    member_.console_changed.ring();
    co_await typing.join();
}

net::Task<void> SolSocket::take_output(net::Stream& stream) {
    std::array<std::byte, 16'384> chunk;
    for (;;) {
        const std::size_t count = co_await stream.read_some(chunk);
        if (count == 0) co_return;
        member_.console.say(View(chunk).first(count));
        member_.console_changed.ring();
        while (member_.redirected.contains(Redirected::sol) &&
               member_.console.waiting() > most_waiting)
            co_await member_.console_changed.wait();
    }
}

net::Task<void> SolSocket::pass_on_typed(net::Stream* stream) {
    while (open_) {
        const Bytes typed = member_.console.take_typed();
        if (typed.empty()) {
            co_await member_.console_changed.wait();
            continue;
        }
        const auto written =
            co_await net::attempt(net::within(write_limit, stream->write(typed), "write"));
        if (!written) stream->close();
        if (!written) co_return;
    }
}

}  // namespace oob::sim
