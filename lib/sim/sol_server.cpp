#include "sim/sol_server.h"

#include "net/group.h"

#include <algorithm>

namespace oob::sim {

namespace redirection = codec::redirection;
using redirection::Code;
using std::chrono::milliseconds;

namespace {

/// Clients that take a read for a message need time between these and the next (section 6.1).
constexpr milliseconds gap{100};
constexpr milliseconds longest_start{60'000};
constexpr std::size_t most_output = 4096;
constexpr std::size_t least_output = 16;
/// Something is sent at least so often, whatever the client asked for: some give up after twenty
/// seconds.
constexpr milliseconds most_silence{10'000};
constexpr milliseconds least_heartbeat{100};
/// How often the host's power is looked at.
constexpr milliseconds host_poll{50};
/// A client that has ended the session may still say so to the layer below.
constexpr milliseconds linger{1'000};
constexpr milliseconds shortest_receive_timeout{10'000};

}  // namespace

net::Task<void> SolServer::serve() {
    const auto message = co_await net::within(longest_start, link_.receive(), "start");
    if (!message || redirection::code_of(*message) != Code::sol_start) co_return;
    terms_ = take(redirection::decode_sol_start(*message));
    co_await link_.send(encode(redirection::SolStartReply{0, sequence_++}));
    heard_ = net::Clock::now();
    drops_ = member_.device.dropped_sessions(Redirected::sol);
    starts_ = member_.device.host_starts();
    host_on_ = member_.device.host_on();
    // Only the join is waited for: when the fleet stops it ends both before it fails.
    net::Group both;
    co_await both.spawn(listen());
    co_await both.spawn(talk());
    co_await both.join();
    take(spoken_);
    take(heard_last_);
}

net::Task<void> SolServer::talk() {
    spoken_ = co_await net::attempt(speak());
    link_.stream().close();
}

net::Task<void> SolServer::listen() {
    for (;;) {
        auto message = co_await net::attempt(link_.receive());
        if (!message) heard_last_ = std::unexpected(message.error());
        if (!message || !*message || ended_) break;
        hear(**message);
        member_.console_changed.ring();
    }
    ended_ = true;
    member_.console_changed.ring();
}

void SolServer::hear(View message) {
    heard_ = net::Clock::now();
    const auto answer = [&](Code code) {
        const Bytes bytes = redirection::encode_bare(code, sequence_++);
        answers_.insert(answers_.end(), bytes.begin(), bytes.end());
    };
    switch (redirection::code_of(message)) {
        case Code::sol_data_to_host:
            if (!ending_) member_.console.type(take(redirection::decode_sol_data(message)));
            break;
        case Code::sol_ping:
            answer(Code::sol_pong);
            break;
        case Code::sol_end:
            answer(Code::sol_end_reply);
            ending_ = true;
            break;
        case Code::end_session:
            ended_ = true;
            break;
        default:
            break;  // heartbeats, controls: nothing to do
    }
}

void SolServer::follow_host() {
    const bool on = member_.device.host_on();
    const std::uint64_t starts = member_.device.host_starts();
    if (starts != starts_)
        member_.console.start();
    else if (!on && host_on_)
        member_.console.lose_power();
    starts_ = starts;
    host_on_ = on;
}

net::Task<void> SolServer::tell_controls() {
    redirection::SolControls controls;
    controls.sequence = sequence_++;
    if (host_on_) {
        controls.control = redirection::sol_control_rts | redirection::sol_control_dtr;
        controls.status = redirection::sol_status_power;
    }
    if (member_.console.take_overflow()) controls.status |= redirection::sol_status_overflow;
    told_on_ = host_on_;
    co_await link_.send(encode(controls));
}

net::Task<void> SolServer::send_output() {
    const std::size_t most =
        std::clamp<std::size_t>(terms_.most_transmit, least_output, most_output);
    const Bytes bytes = member_.console.take(most);
    member_.console_changed.ring();
    co_await link_.send(redirection::encode_sol_data(Code::sol_data_from_host, sequence_++, bytes));
}

net::Task<void> SolServer::pause() {
    const auto limit = net::Clock::now() + gap;
    while (!ended_ && net::Clock::now() < limit) co_await member_.console_changed.wait_until(limit);
}

net::Task<void> SolServer::speak() {
    const milliseconds wanted(terms_.heartbeat);
    const milliseconds heartbeat =
        wanted.count() == 0 ? most_silence : std::clamp(wanted, least_heartbeat, most_silence);
    const milliseconds patience =
        std::max({milliseconds(terms_.receive_timeout), shortest_receive_timeout, 3 * heartbeat});
    co_await pause();
    co_await tell_controls();
    co_await pause();
    net::Clock::time_point next_heartbeat = net::Clock::now() + heartbeat;
    for (;;) {
        if (!answers_.empty()) co_await link_.send(std::exchange(answers_, {}));
        if (ending_ && !ended_)
            co_await member_.console_changed.wait_until(net::Clock::now() + linger);
        if (ending_ || ended_ || member_.device.dropped_sessions(Redirected::sol) != drops_)
            co_return;
        follow_host();
        if (host_on_ != told_on_) co_await tell_controls();
        const auto now = net::Clock::now();
        if (now - heard_ > patience)
            fail(Class::timeout, "timeout.client", "the client has been silent for too long");
        if (member_.console.has_output()) {
            co_await send_output();
            next_heartbeat = now + heartbeat;
            continue;
        }
        if (now >= next_heartbeat) {
            co_await link_.send(redirection::encode_bare(Code::sol_heartbeat, sequence_++));
            next_heartbeat = now + heartbeat;
        }
        co_await member_.console_changed.wait_until(std::min(next_heartbeat, now + host_poll));
    }
}

}  // namespace oob::sim
