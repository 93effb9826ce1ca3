#pragma once

#include "core/bytes.h"
#include "net/bell.h"
#include "net/deadline.h"
#include "net/stalled.h"
#include "net/stream.h"
#include "support/scripted_stream.h"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

namespace oob::test {

/// How a peer stops in the middle of a session, its connection still open.
enum class Stall {
    takes_nothing,  ///< writes to it wait, and it says nothing
    says_nothing,   ///< it takes what it gets
    only_beats      ///< writes to it wait, and it sends heartbeats without end
};

/// A peer that follows a script as ScriptedStream has it up to a write to it, and stops there.
class StallingStream final : public net::Stream {
 public:
    struct Plan {
        Stall how = Stall::takes_nothing;
        std::size_t at = 0;                         ///< the write at which it stops
        std::string beat = {};                      ///< its heartbeat
        std::chrono::milliseconds write_limit{20};  ///< of this stream, as a socket has one
    };

    /// `writes` counts what was written; it outlives the stream.
    StallingStream(std::string says, Plan plan, std::size_t& writes)
        : says_(std::move(says)), plan_(std::move(plan)), writes_(writes) {}

    net::Task<std::size_t> read_some(std::span<std::byte> buffer) override {
        while (!closed_ &&
               (stopped_ || said_ == says_.size() || says_[said_] == ScriptedStream::turn)) {
            if (stopped_ && plan_.how == Stall::only_beats) {
                co_await net::sleep_for(std::chrono::milliseconds(1));
                co_return give(buffer, plan_.beat);
            }
            co_await changed_.wait();
        }
        if (closed_) abort();
        const std::size_t end = std::min(says_.find(ScriptedStream::turn, said_), says_.size());
        const std::size_t count = give(buffer, std::string_view(says_).substr(said_, end - said_));
        said_ += count;
        co_return count;
    }

    net::Task<void> write(View) override {
        if (closed_) abort();
        if (writes_++ == plan_.at) stopped_ = true;
        changed_.ring();
        if (!stopped_ && said_ < says_.size() && says_[said_] == ScriptedStream::turn) ++said_;
        if (!stopped_ || plan_.how == Stall::says_nothing) co_return;
        const auto limit = net::Clock::now() + plan_.write_limit;
        while (!closed_ && net::Clock::now() < limit) co_await changed_.wait_until(limit);
        if (closed_) abort();
        fail(net::stalled(plan_.write_limit));
    }

    void close() override {
        closed_ = true;
        changed_.ring();
    }

 private:
    static std::size_t give(std::span<std::byte> buffer, std::string_view text) {
        const View next = as_view(text).first(std::min(buffer.size(), text.size()));
        std::ranges::copy(next, buffer.begin());
        return next.size();
    }
    /// As a socket fails that was closed on this side.
    [[noreturn]] static void abort() {
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    }

    std::string says_;
    Plan plan_;
    std::size_t& writes_;
    std::size_t said_ = 0;
    net::Bell changed_;
    bool stopped_ = false;
    bool closed_ = false;
};

}  // namespace oob::test
