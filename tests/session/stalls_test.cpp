#include "codec/redirection/ider.h"
#include "codec/redirection/sol.h"
#include "net/group.h"
#include "redirection_login.h"
#include "session/ider_session.h"
#include "session/sol_session.h"
#include "support/run.h"
#include "support/stalling_stream.h"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>

/// Peers that stop at every message of a session: whoever waits gets to the end, by the limit of
/// the opening, by that of a write, and by the wish for the end. That a test ends at all is the
/// verdict; times only have to be short.

using namespace oob;
using namespace oob::codec::redirection;
using namespace std::chrono_literals;
using session::IderSession;
using session::RedirectionSession;
using session::SolSession;
using test::Stall;
using test::StallingStream;
using test::text;
namespace scsi = codec::scsi;

namespace {

constexpr std::chrono::milliseconds never{3'600'000};

/// What becomes of a session, and how far it gets.
struct End {
    std::chrono::milliseconds limit = never;  ///< of the opening
    bool opened = false;
    std::string code;  ///< of its failure; empty when there was none
    std::size_t writes = 0;
};

net::Task<RedirectionSession> log_in(std::string says, StallingStream::Plan plan, Protocol protocol,
                                     std::size_t& writes) {
    return RedirectionSession::open(
        {std::make_unique<StallingStream>(std::move(says), std::move(plan), writes), std::nullopt},
        protocol, {"admin", Secret(std::string("P@ssw0rd"))});
}

/// A console on which something is typed, which is left after a moment when `leaves`.
net::Task<void> use_console(std::string says, StallingStream::Plan plan, bool leaves, End& end) {
    std::unique_ptr<SolSession> sol;
    const auto open = [&]() -> net::Task<void> {
        sol = std::make_unique<SolSession>(
            co_await log_in(std::move(says), std::move(plan), Protocol::sol, end.writes), 5ms,
            20ms);
        co_await sol->start();
    };
    co_await net::within(end.limit, open(), "console");
    end.opened = true;
    Result<void> written;
    Result<void> read;
    net::Group group;
    const auto hear = [&]() -> net::Task<void> {
        const auto all = [&]() -> net::Task<void> {
            while (co_await sol->read()) {
            }
        };
        read = co_await net::attempt(all());
        sol->finish();
    };
    const auto write = [&]() -> net::Task<void> {
        written = co_await net::attempt(sol->write_loop());
    };
    const auto leave = [&]() -> net::Task<void> {
        (void)co_await net::attempt(sol->type(as_view(std::string(100'000, 'x'))));
        if (leaves) co_await net::sleep_for(10ms);
        if (leaves) sol->finish();
    };
    co_await group.spawn(hear());
    co_await group.spawn(write());
    co_await group.spawn(leave());
    co_await group.join();
    take(std::move(read));
    take(std::move(written));
}

/// A disk that is lent, and taken back after a moment when `leaves`.
net::Task<void> lend_disk(std::string says, StallingStream::Plan plan, bool leaves, End& end) {
    media::Statistics statistics;
    std::unique_ptr<IderSession> ider;
    const auto open = [&]() -> net::Task<void> {
        ider = std::make_unique<IderSession>(
            co_await log_in(std::move(says), std::move(plan), Protocol::ider, end.writes),
            session::Disk{scsi::Drive(scsi::DriveKind::floppy, {}), nullptr},
            session::Disk{scsi::Drive(scsi::DriveKind::cd, {}), nullptr}, statistics,
            IderSession::Patience{20ms, 20ms});
        co_await ider->start(session::Attach::now);
    };
    co_await net::within(end.limit, open(), "device");
    end.opened = true;
    net::Group group;
    Result<std::string> served;
    const auto serve = [&]() -> net::Task<void> { served = co_await net::attempt(ider->serve()); };
    const auto leave = [&]() -> net::Task<void> {
        co_await net::sleep_for(10ms);
        ider->finish();
    };
    co_await group.spawn(serve());
    if (leaves) co_await group.spawn(leave());
    co_await group.join();
    take(std::move(served));
}

std::string console() {
    std::vector<std::string> out = test::login();
    out.push_back(text(encode(SolStartReply{0, 0})));
    for (int i = 0; i < 4; ++i)
        out.push_back(text(encode_sol_data(Code::sol_data_from_host, 1, as_view("word"))));
    return test::script(out);
}

std::string disk() {
    std::vector<std::string> out = test::login();
    out.push_back(text(encode(IderOpenReply{.firmware_major = 16, .firmware_minor = 1})));
    out.push_back(
        text(encode_features_reply({1, static_cast<std::uint8_t>(FeatureQuestion::set), 1})) +
        text(encode(IderCommand{.sequence = 2})));
    for (std::uint32_t i = 3; i < 8; ++i) out.push_back(text(encode(IderCommand{.sequence = i})));
    return test::script(out);
}

using Use = std::function<net::Task<void>(StallingStream::Plan, bool leaves, End&)>;

End run(const Use& use, const StallingStream::Plan& plan, bool leaves, bool opens = true) {
    End end;
    if (!opens) end.limit = 50ms;
    const auto done = test::run(use(plan, leaves, end));
    if (!done) end.code = done.error().code;
    return end;
}

/// Each way to stop, at each message up to the last one of the script, with each end.
void stop_everywhere(const Use& use, const std::string& beat, std::size_t opening_writes) {
    std::size_t cases = 0;
    for (const Stall how : {Stall::takes_nothing, Stall::says_nothing, Stall::only_beats})
        for (std::size_t at = 0;; ++at) {
            CAPTURE(static_cast<int>(how));
            CAPTURE(at);
            // By the wish, with writes that would wait for ever.
            const bool opens = at >= opening_writes;
            const End left = run(use, {how, at, beat, never}, true, opens);
            // By the limit of a write. A peer that says nothing is no affair of writes.
            const End alone =
                how == Stall::says_nothing ? left : run(use, {how, at, beat}, false, opens);
            cases += 2;
            CHECK((left.code.empty() || left.code.starts_with("timeout.")));
            if (how != Stall::says_nothing) CHECK(alone.code.starts_with("timeout."));
            CHECK(left.opened == opens);
            if (at >= opening_writes + 4) break;
        }
    MESSAGE(cases << " sessions");
}

}  // namespace

TEST_CASE("a console ends whatever its peer stops at") {
    const Use use = [](StallingStream::Plan plan, bool leaves, End& end) {
        return use_console(console(), std::move(plan), leaves, end);
    };
    stop_everywhere(use, text(encode_bare(Code::sol_heartbeat, 1)), 5);
}

TEST_CASE("a loan ends whatever its peer stops at") {
    const Use use = [](StallingStream::Plan plan, bool leaves, End& end) {
        return lend_disk(disk(), std::move(plan), leaves, end);
    };
    stop_everywhere(use, text(encode_bare(Code::ider_heartbeat, 1)), 6);
}

TEST_CASE("what was typed and not taken is told, a goodbye that nobody took is not") {
    const Use use = [](StallingStream::Plan plan, bool leaves, End& end) {
        return use_console(console(), std::move(plan), leaves, end);
    };
    const std::string beat = text(encode_bare(Code::sol_heartbeat, 1));
    CHECK(run(use, {Stall::only_beats, 6, beat, never}, true).code == "timeout.write");
    CHECK(run(use, {Stall::says_nothing, 6, beat, never}, true).code == "");
}
