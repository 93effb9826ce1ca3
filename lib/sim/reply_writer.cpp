#include "sim/reply_writer.h"

#include "net/deadline.h"

#include <random>

namespace oob::sim {

namespace {

constexpr std::string_view last_chunk = "0\r\n\r\n";
constexpr std::size_t chunk_bytes = 0x2fa;
constexpr std::size_t chunks_a_write = 16;
constexpr std::chrono::milliseconds between_writes{10};
/// So that the last bytes are on their way before the reset overtakes them.
constexpr std::chrono::milliseconds before_reset{5};

/// Chunks of blanks, which no XML parser minds.
std::string filler() {
    std::string out;
    for (std::size_t i = 0; i < chunks_a_write; ++i) {
        out += "02FA\r\n";
        out.append(chunk_bytes, ' ');
        out += "\r\n";
    }
    return out;
}

}  // namespace

net::Task<void> ReplyWriter::send(std::string bytes, bool soap, Faults faults) {
    co_await wait(faults);
    std::string_view rest = bytes;
    const bool cut = faults.reset_at && *faults.reset_at < rest.size();
    if (cut) rest = rest.substr(0, *faults.reset_at);

    if (soap && faults.body == Faults::Body::endless && !cut)
        co_await write_without_end(rest);
    else if (faults.dribble)
        co_await write_in_pieces(rest, *faults.dribble);
    else
        co_await write(rest);

    if (cut) {
        co_await net::sleep_for(before_reset);
        stream_.reset();
    }
}

net::Task<void> ReplyWriter::wait(Faults faults) {
    std::uniform_int_distribution<std::int64_t> more(0, faults.jitter.count());
    const auto pause = faults.latency + std::chrono::milliseconds(more(surroundings_.random));
    if (pause.count() > 0) co_await net::sleep_for(pause);
}

net::Task<void> ReplyWriter::write(std::string_view bytes) {
    if (bytes.empty()) co_return;
    co_await net::within(surroundings_.limits.write, stream_.write(as_view(bytes)), "write");
}

net::Task<void> ReplyWriter::write_in_pieces(std::string_view bytes, Faults::Dribble dribble) {
    while (!bytes.empty()) {
        const std::string_view piece = bytes.substr(0, dribble.bytes);
        bytes.remove_prefix(piece.size());
        co_await write(piece);
        if (!bytes.empty()) co_await net::sleep_for(dribble.pause);
    }
}

net::Task<void> ReplyWriter::write_without_end(std::string_view beginning) {
    if (beginning.ends_with(last_chunk)) beginning.remove_suffix(last_chunk.size());
    co_await write(beginning);
    const std::string more = filler();
    for (std::size_t sent = 0; sent < most_endless_bytes; sent += more.size()) {
        co_await write(more);
        co_await net::sleep_for(between_writes);
    }
    stream_.reset();
}

}  // namespace oob::sim
