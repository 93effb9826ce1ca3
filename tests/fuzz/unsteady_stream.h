#pragma once

#include "fuzz/expect.h"
#include "net/deadline.h"
#include "support/fake_time.h"
#include "support/run.h"
#include "support/scripted_stream.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>

namespace oob::fuzz {

/// How a peer behaves beside what it says: the first bytes of a fuzzer's input.
struct Manners {
    enum class Writes { taken, stalled, slow, broken };
    enum class End { closes, falls_silent, breaks_off };

    std::size_t at_a_time = 1;           ///< bytes of what it says
    std::size_t writes_taken = 0;        ///< so many before those that are treated as `writes`
    Writes writes = Writes::taken;       ///< stalled: not taken
    End end = End::closes;               ///< after its last word
    std::chrono::milliseconds pause{0};  ///< before it goes on after a turn, and for slow writes
    /// When whoever talks to it is cancelled, as by a deadline of the run; zero: never.
    std::chrono::milliseconds patience{0};

    static Manners read(Reader& in) {
        Manners out;
        const unsigned size = in.u8();
        out.at_a_time = size == 0 ? std::numeric_limits<std::size_t>::max() : size;
        out.writes_taken = in.u8();
        const unsigned kinds = in.u8();
        out.writes = static_cast<Writes>(kinds % 4);
        out.end = static_cast<End>(kinds / 4 % 3);
        out.pause = std::chrono::milliseconds(100) * in.u8();
        out.patience = std::chrono::milliseconds(500) * in.u8();
        return out;
    }
};

/// A ScriptedStream that lets its owner wait or breaks, as the manners have it; it breaks as well
/// when it has heard a lot, since a short question may have a long answer. A second reader or a
/// second writer at the same time is a fault of the owner's.
class UnsteadyStream final : public net::Stream {
 public:
    static constexpr std::chrono::seconds write_limit{30};
    static constexpr std::size_t most_heard = std::size_t{4} << 20;

    UnsteadyStream(Manners manners, std::string says, test::ScriptedStream::Heard& heard)
        : manners_(manners), peer_(std::move(says), manners.at_a_time, heard), heard_(heard) {}

    net::Task<std::size_t> read_some(std::span<std::byte> buffer) override {
        const Alone reader(reading_);
        if (heard_.closed) break_off();
        co_await pause();
        const std::size_t count = co_await peer_.read_some(buffer);
        if (heard_.closed) break_off();
        if (count > 0 || buffer.empty()) co_return count;
        if (manners_.end == Manners::End::falls_silent) co_await until_closed();
        if (manners_.end != Manners::End::closes) break_off();
        co_return 0;
    }

    net::Task<void> write(View bytes) override {
        const Alone writer(writing_);
        if (heard_.closed) break_off();
        const bool taken =
            manners_.writes == Manners::Writes::taken || writes_ < manners_.writes_taken;
        ++writes_;
        if (!taken) {
            if (manners_.writes == Manners::Writes::stalled) co_await stall();
            if (manners_.writes == Manners::Writes::broken) break_off();
            co_await pause();
        }
        if (heard_.closed || heard_.text.size() > most_heard) break_off();
        co_await peer_.write(bytes);
    }

    void close() override {
        peer_.close();
        closed_.ring();
    }

 private:
    /// Holds a flag for as long as it lives; nobody else may.
    class Alone {
     public:
        explicit Alone(bool& taken) : taken_(taken) {
            expect(!taken_);
            taken_ = true;
        }
        Alone(const Alone&) = delete;
        Alone& operator=(const Alone&) = delete;
        ~Alone() { taken_ = false; }

     private:
        bool& taken_;
    };

    [[noreturn]] static void break_off() {
        fail(Class::connect, "connect.reset", "the connection broke");
        std::unreachable();
    }
    /// As the streams of `net` end a write of which nothing is taken.
    net::Task<void> stall() {
        const auto limit = net::Clock::now() + write_limit;
        while (!heard_.closed && net::Clock::now() < limit) co_await closed_.wait_until(limit);
        if (!heard_.closed) fail(Class::timeout, "timeout.write", "the peer takes nothing");
    }
    net::Task<void> until_closed() {
        while (!heard_.closed) co_await closed_.wait();
    }
    /// All pauses together stay shorter than what ends a session.
    net::Task<void> pause() {
        const auto length = std::min(manners_.pause, pauses_left_);
        pauses_left_ -= length;
        if (length.count() > 0) co_await net::sleep_for(length);
    }

    Manners manners_;
    test::ScriptedStream peer_;
    test::ScriptedStream::Heard& heard_;
    net::Bell closed_;
    std::size_t writes_ = 0;
    std::chrono::milliseconds pauses_left_ = std::chrono::minutes(5);
    bool reading_ = false;
    bool writing_ = false;
};

/// Runs a session to its end, which limits bring about, or the impatience of its owner; one that
/// goes on for longer ends the program. What it fails with is a failure of the peer's: nothing of
/// ours, and with a code.
template <class T>
Result<T> run_session(const Manners& manners, net::Task<T> session) {
    test::let_pass_at_most(std::chrono::hours(2));
    if (manners.patience.count() > 0)
        session = net::within(manners.patience, std::move(session), "patience");
    auto out = test::run(std::move(session));
    if (out) return out;
    expect(out.error().kind != Class::internal && out.error().kind != Class::interrupted);
    expect(!out.error().code.empty() && !out.error().message.empty());
    return out;
}

}  // namespace oob::fuzz
