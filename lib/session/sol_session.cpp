#include "session/sol_session.h"

#include "core/text.h"
#include "net/group.h"
#include "net/stalled.h"

#include <algorithm>
#include <chrono>
#include <utility>

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
    auto heard = co_await net::attempt(hear());
    // A connection that was closed here fails in whatever way; why it was closed is known.
    if (broken_ && broken_->kind == Class::timeout)
        heard = std::unexpected(*broken_);
    else if (closed_)
        heard = std::optional<View>();
    heard_end_ = !heard || !*heard;
    if (heard_end_) changed_.ring();
    co_return take(std::move(heard));
}

Task<std::optional<View>> SolSession::hear() {
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
    while (outbox_.size() >= most_queued && !finishing_ && !broken_) co_await changed_.wait();
    if (broken_) fail(*broken_);
    if (finishing_) co_return;
    outbox_.insert(outbox_.end(), bytes.begin(), bytes.end());
    changed_.ring();
}

void SolSession::finish() {
    finishing_ = true;
    changed_.ring();
}

/// That the device did not listen to a goodbye is no failure; that it did not take what was typed
/// is one.
void SolSession::give_up() {
    if (const std::size_t unsent = outbox_.size() + under_way_; unsent > 0) {
        broken_ = net::stalled(patience_);
        broken_->message += join({"; ", std::to_string(unsent), " bytes were not sent"});
    }
    closed_ = true;
    session_.close();
    changed_.ring();
}

Task<void> SolSession::write_loop() {
    net::Group group;
    Result<void> written;
    const auto write = [&]() -> Task<void> {
        written = co_await net::attempt(write_all());
        note_end(written);
    };
    co_await group.spawn(write());
    co_await group.spawn(end_in_time());
    co_await group.join();
    take(written);
}

void SolSession::note_end(Result<void>& written) {
    if (!closed_ && !written) broken_ = written.error();
    if (closed_) written = {};
    if (broken_) written = std::unexpected(*broken_);
    // A device that takes nothing may go on speaking; other failures end the reading by themselves.
    if (broken_ && broken_->kind == Class::timeout) session_.close();
    written_ = true;
    changed_.ring();
}

/// After finish(): a device that takes nothing, or does not end the session, is left.
Task<void> SolSession::end_in_time() {
    while (!finishing_ && !written_) co_await changed_.wait();
    const auto begin = net::Clock::now();
    for (;;) {
        const auto limit = std::min(std::max(begin, moved_) + patience_, begin + 3 * patience_);
        if (written_) co_return;
        if (net::Clock::now() >= limit) co_return give_up();
        co_await changed_.wait_until(limit);
    }
}

Task<void> SolSession::send(Bytes message) {
    co_await session_.send(std::move(message));
    moved_ = net::Clock::now();
}

Task<void> SolSession::send_queued() {
    while (!outbox_.empty()) {
        const Bytes all = std::exchange(outbox_, {});
        for (View rest = all; !rest.empty();) {
            under_way_ = rest.size();
            const View piece = rest.first(std::min(most_message, rest.size()));
            co_await send(redirection::encode_sol_data(Code::sol_data_to_host, sequence_++, piece));
            rest = rest.subspan(piece.size());
        }
        under_way_ = 0;
        changed_.ring();
    }
}

Task<void> SolSession::write_all() {
    net::Clock::time_point next = net::Clock::now() + heartbeat_;
    for (;;) {
        co_await send_queued();
        if (finishing_) break;
        if (net::Clock::now() >= next) {
            co_await send(redirection::encode_bare(Code::sol_heartbeat, sequence_++));
            next = net::Clock::now() + heartbeat_;
        }
        if (outbox_.empty() && !finishing_) co_await changed_.wait_until(next);
    }
    co_await send(redirection::encode_bare(Code::sol_end, sequence_++));
    while (!heard_end_ && !closed_) co_await changed_.wait();
    if (!closed_) (void)co_await net::attempt(send(redirection::encode_end_session()));
}

}  // namespace oob::session
