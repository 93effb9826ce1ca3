#include "session/sol_session.h"

#include <algorithm>
#include <chrono>

namespace oob::session {

namespace redirection = codec::redirection;
using net::Task;
using redirection::Code;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds longest_start{10'000};
constexpr milliseconds most_silence{30'000};
constexpr std::size_t most_message = 512;  // bytes to the host at once
constexpr std::size_t most_queued = 64 * 1024;

}  // namespace

Task<void> SolSession::start() {
    co_await session_.send(encode(redirection::SolStart{.sequence = sequence_++}));
    const auto message = co_await net::within(longest_start, session_.receive(), "sol");
    if (!message || redirection::code_of(*message) != Code::sol_start_reply)
        fail(Class::protocol, "redirection.unexpected",
             "the device did not answer the start of serial-over-LAN",
             "is this AMT's redirection port?");
    const auto reply = take(redirection::decode_sol_start_reply(*message));
    if (reply.status != 0)
        fail(Error(Class::firmware, "firmware.sol",
                   "the device refused serial-over-LAN with status " + std::to_string(reply.status),
                   "does this machine have a serial port for it?")
                 .with("sol_status", reply.status));
}

Task<std::optional<View>> SolSession::read_message() {
    return net::within(most_silence, session_.receive(), "silence");
}

Task<std::optional<View>> SolSession::read() {
    for (;;) {
        const auto message = co_await read_message();
        if (!message) co_return std::nullopt;
        switch (redirection::code_of(*message)) {
            case Code::sol_data_from_host:
                co_return take(redirection::decode_sol_data(*message));
            case Code::sol_controls_from_host: {
                const auto controls = take(redirection::decode_sol_controls(*message));
                host_on_ = (controls.status & redirection::sol_status_power) != 0;
                co_return View();
            }
            case Code::sol_end_reply:
                co_return std::nullopt;
            default:
                break;  // heartbeats and pongs: the device is there
        }
    }
}

Task<void> SolSession::type(View bytes) {
    while (outbox_.size() >= most_queued && !finishing_) co_await changed_.wait();
    outbox_.insert(outbox_.end(), bytes.begin(), bytes.end());
    changed_.ring();
}

void SolSession::finish() {
    finishing_ = true;
    changed_.ring();
}

Task<void> SolSession::write_loop() {
    net::Clock::time_point next = net::Clock::now() + heartbeat_;
    for (;;) {
        while (!outbox_.empty()) {
            const Bytes all = std::exchange(outbox_, {});
            for (std::size_t at = 0; at < all.size(); at += most_message) {
                const View piece = View(all).subspan(at, std::min(most_message, all.size() - at));
                co_await session_.send(
                    redirection::encode_sol_data(Code::sol_data_to_host, sequence_++, piece));
            }
            changed_.ring();
        }
        if (finishing_) break;
        if (net::Clock::now() >= next) {
            co_await session_.send(redirection::encode_bare(Code::sol_heartbeat, sequence_++));
            next = net::Clock::now() + heartbeat_;
        }
        if (outbox_.empty() && !finishing_) co_await changed_.wait_until(next);
    }
    Bytes end = redirection::encode_bare(Code::sol_end, sequence_++);
    const Bytes last = redirection::encode_end_session();
    co_await session_.send(std::move(end));
    co_await net::sleep_for(milliseconds(50));  // the reply comes before the connection ends
    (void)co_await net::attempt(session_.send(last));
}

}  // namespace oob::session
