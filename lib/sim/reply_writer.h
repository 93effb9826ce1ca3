#pragma once

#include "net/stream.h"
#include "net/task.h"
#include "sim/member.h"

#include <string>
#include <string_view>

namespace oob::sim {

/// Sends whole replies, with the faults that act on bytes and time.
class ReplyWriter {
 public:
    /// An endless reply is reset after so many bytes.
    static constexpr std::size_t most_endless_bytes = std::size_t{1} << 30;

    /// Both must outlive it.
    ReplyWriter(net::Stream& stream, Surroundings& surroundings)
        : stream_(stream), surroundings_(surroundings) {}

    /// `soap` tells whether the reply is chunked and may go on for ever. Throws what the stream
    /// throws; timeout.write when the peer does not read.
    net::Task<void> send(std::string bytes, bool soap, Faults faults);

 private:
    net::Task<void> wait(Faults faults);
    net::Task<void> write(std::string_view bytes);
    net::Task<void> write_in_pieces(std::string_view bytes, Faults::Dribble dribble);
    net::Task<void> write_without_end(std::string_view beginning);

    net::Stream& stream_;
    Surroundings& surroundings_;
};

}  // namespace oob::sim
