#pragma once

#include "net/bell.h"
#include "net/stream.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace oob::sim {

/// A connection over a long or narrow line: what the peer says arrives later, and only so much of
/// it in a second. The whole round trip lies in that direction. pump() has to run beside it.
class SlowStream final : public net::Stream {
 public:
    struct Line {
        std::chrono::milliseconds round_trip{0};
        std::uint64_t bytes_a_second = 0;  ///< 0: as many as come
    };

    /// The stream outlives it.
    SlowStream(net::Stream& stream, Line line) : stream_(stream), line_(line) {}

    net::Task<std::size_t> read_some(std::span<std::byte> buffer) override;
    net::Task<void> write(View bytes) override { return stream_.write(bytes); }
    void close() override;
    void reset() override { stream_.reset(); }

    /// Takes what arrives, until the end of the stream or close().
    net::Task<void> pump();

 private:
    struct Piece {
        net::Clock::time_point due;
        Bytes bytes;
        std::size_t taken = 0;
    };

    net::Stream& stream_;
    Line line_;
    std::deque<Piece> pieces_;
    std::size_t held_ = 0;
    net::Clock::time_point free_{};  // when the line has carried all that was put on it
    net::Bell changed_;
    std::optional<Error> failure_;
    bool ended_ = false;
};

}  // namespace oob::sim
