#include "session/ider_session.h"

#include <algorithm>
#include <chrono>

namespace oob::session {

namespace redirection = codec::redirection;
using net::Task;
using redirection::Code;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds longest_start{10'000};

std::uint32_t features_of(Attach when) {
    switch (when) {
        case Attach::now:
            return redirection::feature_enable | redirection::feature_now;
        case Attach::gracefully:
            return redirection::feature_enable | redirection::feature_graceful;
        case Attach::on_reboot:
            return redirection::feature_enable | redirection::feature_on_reboot;
    }
    return 0;
}

}  // namespace

/// A device that says nothing but heartbeats does not answer either.
Task<Bytes> IderSession::expect(Code code) {
    return net::within(longest_start, expect_in_time(code), "ider");
}

Task<Bytes> IderSession::expect_in_time(Code code) {
    for (;;) {
        const auto message = co_await session_.receive();
        if (!message)
            fail(Class::connect, "connect.closed", "the device closed the redirection connection",
                 "is IDE redirection switched on? --enable switches it on");
        const Code got = redirection::code_of(*message);
        if (got == Code::ider_heartbeat) continue;
        if (got != code)
            fail(Class::protocol, "redirection.unexpected",
                 "the device sent another message than expected",
                 "is this AMT's redirection port?");
        co_return Bytes(message->begin(), message->end());
    }
}

Task<std::uint32_t> IderSession::ask_features(redirection::FeatureQuestion question,
                                              std::uint32_t value) {
    redirection::IderFeatures message{sequence_++, static_cast<std::uint8_t>(question), value};
    co_await session_.send(redirection::encode_features(message));
    const Bytes reply = co_await expect(Code::ider_features_reply);
    co_return take(redirection::decode_features(reply)).value;
}

Task<void> IderSession::start(Attach when) {
    const auto begin = net::Clock::now();
    co_await session_.send(encode(redirection::IderOpen{.sequence = sequence_++}));
    const Bytes message = co_await expect(Code::ider_open_reply);
    statistics_.round_trip =
        std::chrono::duration_cast<std::chrono::microseconds>(net::Clock::now() - begin);
    const auto reply = take(redirection::decode_ider_open_reply(message));
    if (reply.status != 0)
        fail(Error(Class::firmware, "firmware.ider",
                   "the device refused IDE redirection with status " + std::to_string(reply.status),
                   "does this machine have the feature?")
                 .with("ider_status", reply.status));
    if (reply.read_buffer > 0) piece_ = std::min(piece_, std::size_t{reply.read_buffer});
    if (reply.write_buffer > 0)
        piece_back_ = std::min(piece_back_, std::size_t{reply.write_buffer});
    constexpr std::uint32_t done = 1;
    if (co_await ask_features(redirection::FeatureQuestion::set, features_of(when)) != done)
        fail(Class::precondition, "firmware.ider_attach",
             "the device could not hand over the drives",
             "the host is using its drives: --start now takes them all the same, --start on-reboot "
             "waits for its next start");
    heard_ = spoken_ = net::Clock::now();
}

}  // namespace oob::session
