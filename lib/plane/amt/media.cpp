#include "plane/amt/media.h"

#include "net/deadline.h"
#include "plane/amt/sessions.h"
#include "session/ider_session.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace oob::plane::amt {

namespace scsi = codec::scsi;
using net::Task;
using session::Attach;
using session::IderSession;
using std::chrono::milliseconds;

namespace {

/// Firmware keeps what its host has asked for until its receive time-out is over.
constexpr milliseconds reconnect_limit{30'000};
constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{5'000};

Attach attach_of(MediaStart start) {
    switch (start) {
        case MediaStart::now:
            return Attach::now;
        case MediaStart::gracefully:
            return Attach::gracefully;
        case MediaStart::on_reboot:
            return Attach::on_reboot;
    }
    return Attach::gracefully;
}

session::Disk disk_of(scsi::DriveKind kind, const media::ImagePtr& image, bool empty_too) {
    std::optional<scsi::Medium> medium;
    if (image) medium = scsi::Medium{image->size() / scsi::block_size(kind), image->writable()};
    return {scsi::Drive(kind, medium), image, image || empty_too};
}

/// Errors that another connection may get over: those of the network, and the old session that the
/// device still believes in.
bool worth_another(const Error& error) {
    return error.kind == Class::connect || error.kind == Class::timeout ||
           (error.kind == Class::resolve && error.retryable) || error.kind == Class::session_busy ||
           error.code == "tls.read" || error.code == "tls.write" || error.code == "tls.handshake";
}

class Loan final : public MediaLink {
 public:
    using Open = std::function<Task<session::RedirectionSession>()>;

    Loan(MediaWish wish, Open open) : wish_(std::move(wish)), open_(std::move(open)) {}

    Task<void> begin(Attach when) {
        session_ = std::make_unique<IderSession>(
            co_await open_(), disk_of(scsi::DriveKind::floppy, wish_.floppy, wish_.empty_floppy),
            disk_of(scsi::DriveKind::cd, wish_.cd, false), statistics_);
        co_await session_->start(when);
    }

    Task<std::string> serve() override {
        for (;;) {
            auto ended = co_await net::attempt(session_->serve());
            if (ended) co_return *ended;
            if (!worth_another(ended.error())) fail(std::move(ended).error());
            if (!finishing_) co_await begin_again(std::move(ended).error());
            if (finishing_) co_return "finished";
        }
    }

    void finish() override {
        finishing_ = true;
        session_->finish();
        changed_.ring();
    }

    const media::Statistics& statistics() const override { return statistics_; }

 private:
    /// The drives were the host's already, so it gets them at once.
    Task<void> begin_again(Error lost) {
        const auto limit = net::Clock::now() + reconnect_limit;
        milliseconds pause = first_pause;
        while (!finishing_) {
            const auto again = co_await net::attempt(begin(Attach::now));
            if (again) {
                ++statistics_.reconnects;
                if (finishing_) session_->finish();
                co_return;
            }
            if (!worth_another(again.error())) fail(again.error());
            const auto now = net::Clock::now();
            if (now >= limit) fail(std::move(lost).with("reconnect", again.error().message));
            const auto until = std::min(now + pause, limit);
            while (!finishing_ && net::Clock::now() < until) co_await changed_.wait_until(until);
            pause = std::min(pause * 2, longest_pause);
        }
    }

    MediaWish wish_;
    Open open_;
    media::Statistics statistics_;
    std::unique_ptr<IderSession> session_;
    net::Bell changed_;
    bool finishing_ = false;
};

}  // namespace

Task<std::unique_ptr<MediaLink>> DiskRedirection::mount(MediaWish wish,
                                                        std::vector<std::string>& changed) {
    if (wish.enable) before_ = co_await redirection_state(client_);
    Clearing clearing{RedirectedKind::ider, wish.enable, wish.close_sessions, wish.consent_code};
    co_await clear_the_way(client_, power_, clearing, changed);
    const Attach when = attach_of(wish.start);
    auto loan = std::make_unique<Loan>(std::move(wish), [this] {
        return open_redirection(door_, codec::redirection::Protocol::ider);
    });
    co_await loan->begin(when);
    co_return loan;
}

Task<Value> DiskRedirection::status() { return redirection_status(client_, RedirectedKind::ider); }

Task<void> DiskRedirection::restore() {
    if (!before_) co_return;
    const RedirectionState wanted = *std::exchange(before_, std::nullopt);
    const RedirectionState now = co_await redirection_state(client_);
    if (now.kinds != wanted.kinds || now.listener != wanted.listener)
        co_await set_redirection(client_, wanted);
}

Task<bool> DiskRedirection::stop() {
    const std::vector<std::string> open = co_await open_sessions(client_);
    if (std::ranges::find(open, "ider") == open.end()) co_return false;
    co_await close_disk_session(client_);
    co_return true;
}

}  // namespace oob::plane::amt
