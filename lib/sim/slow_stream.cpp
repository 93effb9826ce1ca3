#include "sim/slow_stream.h"

#include <algorithm>
#include <array>

namespace oob::sim {

namespace {

constexpr std::size_t most_held = std::size_t{4} << 20;

}  // namespace

net::Task<void> SlowStream::pump() {
    std::array<std::byte, 65'536> chunk;
    while (!ended_) {
        while (held_ >= most_held && !ended_) co_await changed_.wait();
        const auto count = co_await net::attempt(stream_.read_some(chunk));
        if (!count) failure_ = count.error();
        if (!count || *count == 0) break;
        const auto now = net::Clock::now();
        free_ = std::max(free_, now);
        if (line_.bytes_a_second > 0)
            free_ += std::chrono::nanoseconds(*count * 1'000'000'000 / line_.bytes_a_second);
        pieces_.push_back(
            {free_ + line_.round_trip,
             Bytes(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(*count))});
        held_ += *count;
        changed_.ring();
    }
    ended_ = true;
    changed_.ring();
}

net::Task<std::size_t> SlowStream::read_some(std::span<std::byte> buffer) {
    for (;;) {
        if (pieces_.empty()) {
            if (failure_) fail(*failure_);
            if (ended_) co_return 0;
            co_await changed_.wait();
            continue;
        }
        Piece& first = pieces_.front();
        if (net::Clock::now() < first.due) {
            co_await changed_.wait_until(first.due);
            continue;
        }
        const View rest = View(first.bytes).subspan(first.taken);
        const std::size_t count = std::min(rest.size(), buffer.size());
        std::ranges::copy(rest.first(count), buffer.begin());
        first.taken += count;
        held_ -= count;
        if (first.taken == first.bytes.size()) pieces_.pop_front();
        changed_.ring();
        co_return count;
    }
}

void SlowStream::close() {
    ended_ = true;
    stream_.close();
    changed_.ring();
}

}  // namespace oob::sim
