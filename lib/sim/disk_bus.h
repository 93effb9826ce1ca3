#pragma once

#include "codec/redirection/ider.h"
#include "codec/scsi/command.h"
#include "codec/scsi/layout.h"
#include "net/bell.h"
#include "net/turns.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace oob::sim {

/// Between a host and the drives that a client lends it over IDE redirection. The host runs one
/// command at a time; when the client's connection breaks, the command waits for the next one, as
/// firmware makes it wait.
class DiskBus {
 public:
    using Drive = codec::scsi::DriveKind;
    using Sense = codec::scsi::Sense;

    /// How long a host's command waits for a client that comes back.
    static constexpr std::chrono::milliseconds patience{30'000};

    struct Outcome {
        Sense sense{};  ///< a key of zero is success
        Bytes data{};
        bool good() const { return sense.key == 0; }
    };

    /// A client as the bus needs it.
    class Lender {
     public:
        virtual ~Lender() = default;
        virtual net::Task<void> send_command(Drive drive, codec::scsi::Cdb cdb) = 0;
        /// A command got no answer: what is still to come of it must be told from the next one's.
        virtual net::Task<void> resynchronise() = 0;
    };

    /// Runs one command of the host, once no other is under way. `most`: so many bytes it takes.
    /// Without a client it is no_medium. The bus outlives the task.
    net::Task<Outcome> run(Drive drive, codec::scsi::Cdb cdb, std::size_t most, Bytes out = {});
    /// Until a drive with a medium is there, or the limit.
    net::Task<bool> wait_for_medium(Drive drive, std::chrono::milliseconds limit);
    /// Blocks of the medium in a drive; nothing for an empty one.
    std::optional<std::uint64_t> blocks(Drive drive) const { return blocks_[index(drive)]; }
    /// Goes up when other media may lie in the drives than before.
    std::uint64_t loan() const { return loan_; }
    /// A command is under way.
    bool busy() const { return running_.has_value(); }
    /// The host was reset: the command under way is void, and the drives say so once.
    void reset();

    // The client's side.

    /// One command, outside the host's turn: to look at the media before the host may.
    net::Task<Outcome> execute(Lender& lender, Drive drive, codec::scsi::Cdb cdb, std::size_t most,
                               Bytes out = {});
    void lend(Lender& lender, std::optional<std::uint64_t> floppy, std::optional<std::uint64_t> cd);
    /// The client took its drives back.
    void take_back(const Lender& lender);
    /// Its connection broke.
    void lose(const Lender& lender);
    /// Data and ends of the command under way; ignored when there is none.
    void take_data(View bytes, bool last);
    void end(Sense sense);
    /// The next piece of what the host writes.
    View next_out(std::size_t most, bool& last);

 private:
    enum class State { absent, lent, broken };
    struct Running {
        std::size_t most;
        Bytes out;
        std::size_t out_sent = 0;
        Outcome outcome{};
        bool done = false;
        bool lost = false;
    };

    static std::size_t index(Drive drive) { return drive == Drive::cd ? 1 : 0; }
    void finish_running();

    State state_ = State::absent;
    std::uint64_t loan_ = 0;
    Lender* lender_ = nullptr;
    net::Clock::time_point broken_since_{};
    std::array<std::optional<std::uint64_t>, 2> blocks_;
    std::array<std::optional<Sense>, 2> attention_;  // told once, before anything else
    std::optional<Running> running_;
    net::Turns hosts_;
    net::Bell changed_;
};

}  // namespace oob::sim
