#pragma once

#include "codec/redirection/frame.h"
#include "net/stream.h"
#include "sim/member.h"

#include <array>
#include <cstdint>
#include <optional>

namespace oob::sim {

/// A client's messages one by one. Each message of the device goes out in one write of its own:
/// some clients take a read for a message. The faults that act on redirection act here.
class RedirectionLink {
 public:
    /// Both outlive the link.
    explicit RedirectionLink(net::Stream& stream, Member& member)
        : stream_(stream), member_(member) {}

    /// The next message, or nothing at the end of the stream; void at the next call. Throws what
    /// the stream throws, and redirection.code.
    net::Task<std::optional<View>> receive() {
        for (;;) {
            if (const auto message = take(framer_.next())) co_return message;
            const std::size_t count = co_await stream_.read_some(chunk_);
            if (count == 0) co_return std::nullopt;
            arrived_ += count;
            if (const auto cut = member_.faults().cut; cut && arrived_ >= *cut) {
                member_.spend_fault();
                stream_.reset();
                co_return std::nullopt;
            }
            framer_.feed(View(chunk_).first(count));
        }
    }
    net::Task<void> send(Bytes message) {
        if (member_.faults().mute) co_return;
        co_await stream_.write(message);
    }
    net::Stream& stream() { return stream_; }

 private:
    net::Stream& stream_;
    Member& member_;
    std::uint64_t arrived_ = 0;
    codec::redirection::Framer framer_{codec::redirection::Side::client};
    std::array<std::byte, 131072> chunk_;
};

}  // namespace oob::sim
