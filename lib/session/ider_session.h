#pragma once

#include "codec/redirection/ider.h"
#include "codec/scsi/drive.h"
#include "media/image.h"
#include "media/statistics.h"
#include "net/bell.h"
#include "net/deadline.h"
#include "net/group.h"
#include "net/turns.h"
#include "session/redirection_session.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace oob::session {

/// When the host gets the drives (reference redirection, section 4.5).
enum class Attach { now, gracefully, on_reboot };

/// An image and the drive that it lies in.
struct Disk {
    codec::scsi::Drive drive;
    media::ImagePtr image;  ///< none: an empty drive
    bool presented = true;  ///< a drive that is not says of everything that it has no medium
};

/// IDE redirection on a session that has logged in: the host's commands come in, and the drives
/// answer them out of their images (reference redirection, chapters 4 and 9). serve() is the one
/// task that must be awaited; finish() may be called by any other.
class IderSession {
 public:
    /// How long the device is waited for once the end is wished.
    struct Patience {
        std::chrono::milliseconds last_answer{5'000};  ///< the answer at hand
        std::chrono::milliseconds goodbye{2'000};
    };

    /// `statistics` outlives it.
    IderSession(RedirectionSession session, Disk floppy, Disk cd, media::Statistics& statistics,
                Patience patience)
        : session_(std::move(session)),
          floppy_(std::move(floppy)),
          cd_(std::move(cd)),
          statistics_(statistics),
          patience_(patience) {}
    IderSession(RedirectionSession session, Disk floppy, Disk cd, media::Statistics& statistics)
        : IderSession(std::move(session), std::move(floppy), std::move(cd), statistics,
                      Patience{}) {}

    /// Opens the session and hands over the drives. Throws Failure: firmware.ider,
    /// firmware.ider_attach (the host is using its drives), timeout.ider, and those of the session.
    net::Task<void> start(Attach when);
    /// Answers commands until the end, and says whose wish that was: "finished" after finish(),
    /// "closed_by_device". Throws Failure when the connection is lost: connect.*, timeout.silence,
    /// redirection.*.
    net::Task<std::string> serve();
    /// Takes the drives away and ends the session, once the answer at hand is out. A device that
    /// does not take it is waited for no longer than a few seconds.
    void finish();

 private:
    /// The data phase of a command that writes.
    struct FromHost {
        bool wanted = false;
        std::optional<Bytes> bytes;
    };

    net::Task<net::Turns::Turn> turn_to_write();
    net::Task<std::uint32_t> ask_features(codec::redirection::FeatureQuestion question,
                                          std::uint32_t value);
    net::Task<Bytes> expect(codec::redirection::Code code);
    net::Task<Bytes> expect_in_time(codec::redirection::Code code);

    net::Task<void> listen();
    net::Task<void> hear(View message);
    net::Task<void> after_reset();
    net::Task<void> work();
    net::Task<void> watch();
    net::Task<void> end();
    net::Task<void> keep(net::Task<void> task);
    net::Task<void> say_goodbye();
    net::Task<void> send_last();

    /// A read that waits for nobody: the task that heard the command may answer it.
    bool answers_at_once(const codec::redirection::IderCommand& command);
    net::Task<void> answer_timed(codec::redirection::IderCommand command);
    net::Task<void> answer(codec::redirection::IderCommand command);
    net::Task<void> send_data(codec::redirection::IderCommand command, Bytes data);
    net::Task<void> send_image(codec::redirection::IderCommand command, codec::scsi::Reply reply);
    net::Task<codec::scsi::Sense> take_data(codec::redirection::IderCommand command,
                                            codec::scsi::Reply reply);
    net::Task<void> send_end(codec::redirection::IderCommand command, codec::scsi::Sense sense);
    net::Task<void> send_bare(codec::redirection::Code code);
    /// Puts heads before `data`, a message for each piece that the device takes at once, and writes
    /// all of them. `last`: the command ends with it.
    net::Task<void> write_frames(codec::redirection::IderCommand command, View data, bool last);
    Disk& disk_of(codec::scsi::DriveKind kind);
    void count(const codec::scsi::Reply& reply, const Disk& disk);

    RedirectionSession session_;
    Disk floppy_;
    Disk cd_;
    media::Statistics& statistics_;
    Patience patience_;
    std::uint32_t sequence_ = 0;
    std::size_t piece_ = codec::redirection::ider_buffer;  // the most that a message carries
    std::size_t piece_back_ = codec::redirection::ider_buffer;
    std::deque<codec::redirection::IderCommand> commands_;
    FromHost from_host_;
    std::uint64_t generation_ = 0;  // of commands: those before a reset of the host are void
    Bytes chunk_;                   // of the image
    Bytes frames_;
    net::Bell changed_;
    net::Group* tasks_ = nullptr;  // those of serve(), while it runs
    net::Turns writers_;
    bool answering_ = false;
    bool finishing_ = false;
    bool goodbye_said_ = false;
    bool ended_ = false;
    bool closed_by_device_ = false;
    net::Clock::time_point heard_{};
    net::Clock::time_point spoken_{};
    std::optional<Error> failure_;
};

}  // namespace oob::session
