#pragma once

#include "core/bytes.h"
#include "net/bell.h"
#include "net/stream.h"

#include <algorithm>
#include <cstddef>
#include <string>

namespace oob::test {

/// A peer that says what the test wrote down, so many bytes at a time, and remembers what it heard.
/// At a turn it waits until it hears something or is told to go on; after its last word it closes
/// the connection.
class ScriptedStream final : public net::Stream {
 public:
    static constexpr char turn = '\x1e';

    /// What the peer heard; outlives the stream.
    struct Heard {
        std::string text;
        bool closed = false;
    };

    ScriptedStream(std::string says, std::size_t at_a_time, Heard& heard)
        : says_(std::move(says)), at_a_time_(at_a_time), heard_(heard) {}

    net::Task<std::size_t> read_some(std::span<std::byte> buffer) override {
        while (said_ < says_.size() && says_[said_] == turn && !heard_.closed)
            co_await heard_something_.wait();
        const std::size_t end = std::min(says_.find(turn, said_), says_.size());
        const std::size_t count = std::min({buffer.size(), at_a_time_, end - said_});
        const View next = as_view(says_).subspan(said_, count);
        std::ranges::copy(next, buffer.begin());
        said_ += count;
        co_return count;
    }

    net::Task<void> write(View bytes) override {
        heard_.text += as_text(bytes);
        go_on();
        co_return;
    }

    /// Passes a turn by itself, as a peer does to which something happened.
    void go_on() {
        if (said_ < says_.size() && says_[said_] == turn) ++said_;
        heard_something_.ring();
    }

    void close() override {
        heard_.closed = true;
        heard_something_.ring();
    }

 private:
    std::string says_;
    std::size_t at_a_time_;
    std::size_t said_ = 0;
    net::Bell heard_something_;
    Heard& heard_;
};

}  // namespace oob::test
