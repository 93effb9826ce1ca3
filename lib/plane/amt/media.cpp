#include "plane/amt/media.h"

#include "net/backoff.h"
#include "net/deadline.h"
#include "net/group.h"
#include "plane/amt/sessions.h"
#include "session/ider_session.h"

#include <algorithm>
#include <chrono>
#include <optional>
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
/// Between sessions that ended before the host got an answer, and at least between any two.
constexpr milliseconds first_rest{1'000};
constexpr milliseconds longest_rest{60'000};

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
        session::RedirectionSession opened = co_await open_();
        sessions_.begun(net::Clock::now());
        session_ = std::make_unique<IderSession>(
            std::move(opened), disk_of(scsi::DriveKind::floppy, wish_.floppy, wish_.empty_floppy),
            disk_of(scsi::DriveKind::cd, wish_.cd, false), statistics_);
        co_await session_->start(when);
    }

    Task<std::string> serve() override {
        for (;;) {
            const std::uint64_t before = statistics_.commands;
            auto ended = co_await net::attempt(session_->serve());
            if (ended) co_return *ended;
            if (statistics_.commands > before) sessions_.served();
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
    /// The drives were the host's already, so it gets them at once. A device that ends whatever is
    /// begun would be logged into without end: the rest between sessions grows.
    Task<void> begin_again(Error lost) {
        co_await wait_until(sessions_.next(net::Clock::now()));
        const auto limit = net::Clock::now() + reconnect_limit;
        milliseconds pause = first_pause;
        while (!finishing_) {
            const auto again = co_await net::attempt(begin_unless_finished());
            if (again) {
                ++statistics_.reconnects;
                if (finishing_) session_->finish();
                co_return;
            }
            if (finishing_) co_return;
            if (!worth_another(again.error())) fail(again.error());
            const auto now = net::Clock::now();
            if (now >= limit) fail(std::move(lost).with("reconnect", again.error().message));
            co_await wait_until(std::min(now + pause, limit));
            pause = std::min(pause * 2, longest_pause);
        }
    }

    /// Until then, or until the drives are to be taken back.
    Task<void> wait_until(net::Clock::time_point time) {
        while (!finishing_ && net::Clock::now() < time) co_await changed_.wait_until(time);
    }

    /// A new session is not waited for any longer once the drives are to be taken back.
    Task<void> begin_unless_finished() {
        std::optional<Result<void>> begun;
        net::Group group;
        const auto body = [&]() -> Task<void> {
            begun = co_await net::attempt(begin(Attach::now));
            changed_.ring();
        };
        const auto watch = [&]() -> Task<void> {
            while (!finishing_ && !begun) co_await changed_.wait();
            if (!begun) group.cancel();
        };
        co_await group.spawn(body());
        co_await group.spawn(watch());
        co_await group.join();
        take(std::move(begun).value_or(std::unexpected(
            Error(Class::interrupted, "interrupted.finished", "the drives were taken back"))));
    }

    MediaWish wish_;
    Open open_;
    media::Statistics statistics_;
    std::unique_ptr<IderSession> session_;
    net::Backoff sessions_{first_rest, longest_rest};
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
