#include "lend.h"

#include "codec/scsi/layout.h"
#include "core/text.h"
#include "net/deadline.h"
#include "net/group.h"
#include "open_device.h"
#include "plan_session.h"
#include "restart.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace oob::ider {

using net::Task;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds tick{250};
constexpr std::size_t most_ranges = 5;
constexpr std::uint64_t usual_read = 65'536;

/// The parts of the image that were read most.
Value hot_ranges(const media::Statistics& statistics, std::uint64_t size) {
    const std::uint64_t part = (size + media::Statistics::parts - 1) / media::Statistics::parts;
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < statistics.reads_of_part.size(); ++i)
        if (statistics.reads_of_part[i] > 0) order.push_back(i);
    std::ranges::sort(order, std::greater(),
                      [&](std::size_t i) { return statistics.reads_of_part[i]; });
    order.resize(std::min(order.size(), most_ranges));
    Value out = Value::array();
    for (const std::size_t i : order) {
        Value one;
        one.set("offset_bytes", i * part)
            .set("size_bytes", std::min(part, size - i * part))
            .set("reads", statistics.reads_of_part[i]);
        out.push(std::move(one));
    }
    return out;
}

Value session_value(const media::Statistics& statistics, std::uint64_t size,
                    const std::string& reason) {
    const std::chrono::duration<double> busy = statistics.last_command - statistics.first_command;
    Value out;
    out.set("reason", reason)
        .set("commands", statistics.commands)
        .set("reads", statistics.reads)
        .set("read_bytes", statistics.read_bytes)
        .set("writes", statistics.writes)
        .set("written_bytes", statistics.written_bytes)
        .set("failures", statistics.failures)
        .set("host_resets", statistics.resets)
        .set("reconnects", statistics.reconnects)
        .set("stalls", statistics.stalls)
        .set("longest_stall_ms", statistics.longest_stall.count())
        .set("round_trip_us", statistics.round_trip.count())
        .set("bytes_per_second",
             busy.count() > 0 ? Value(static_cast<std::uint64_t>(
                                    static_cast<double>(statistics.read_bytes) / busy.count()))
                              : Value())
        .set("last_command", statistics.last.empty() ? Value() : Value(statistics.last))
        .set("hot_ranges", hot_ranges(statistics, size));
    return out;
}

/// One command is under way at a time, so a round trip bounds what can be read.
std::string ceiling(const media::Statistics& statistics) {
    const double seconds = std::max(static_cast<double>(statistics.round_trip.count()), 1.0) / 1e6;
    std::array<char, 120> out{};
    std::snprintf(out.data(), out.size(),
                  "a round trip takes %.1f ms: reads of 64 KiB get at most %.1f MiB/s",
                  seconds * 1e3, static_cast<double>(usual_read) / seconds / (1 << 20));
    return out.data();
}

Value media_value(const Images::Lent& lent) {
    const auto one = [](const media::ImagePtr& image) -> Value {
        if (!image) return {};
        Value out;
        out.set("size_bytes", image->size()).set("writable", image->writable());
        return out;
    };
    Value out;
    out.set("cd", one(lent.cd)).set("floppy", one(lent.floppy));
    return out;
}

/// One loan, from handing the drives over to taking them back.
class Lending {
 public:
    Lending(plane::Device& device, Order order, Shared shared, fleet::Attempt& attempt,
            const Images::Lent& lent)
        : device_(device), order_(std::move(order)), shared_(shared), attempt_(attempt) {
        order_.wish.cd = lent.cd;
        order_.wish.floppy = lent.floppy;
        size_ = (lent.cd ? lent.cd : lent.floppy)->size();
    }

    Task<void> run() {
        plane::Media& media = media_of(device_);
        std::optional<Restart> restart;
        if (order_.boot) restart.emplace(device_, order_.wish, attempt_);
        if (restart)
            co_await attempt_.interrupt->cut_off(
                net::within(attempt_.limit, restart->check(), "device"));
        std::vector<std::string> changed;
        attempt_.interrupt->check();
        auto mounted = co_await net::attempt(mount(media, changed));
        if (!mounted) {
            const auto code = cmd::ask_consent_code(mounted.error(), order_.may_ask);
            if (code) order_.wish.consent_code = code;
            if (code) mounted = co_await net::attempt(mount(media, changed));
        }
        for (const std::string& each : changed)
            shared_.board.say(join({attempt_.target.name, ": ", each}));
        attempt_.changed = mounted.has_value() || !changed.empty();
        if (!mounted) {
            if (restart) co_await restart->undo(media);
            fail(mounted.error());
        }
        link_ = mounted->get();
        shared_.board.say(join({attempt_.target.name, ": ", ceiling(link_->statistics())}));
        co_await serve(media, restart ? &*restart : nullptr);
    }

 private:
    /// Cut off when the run is to end, unless something has to be changed for it.
    Task<std::unique_ptr<plane::MediaLink>> mount(plane::Media& media,
                                                  std::vector<std::string>& changed) {
        std::unique_ptr<plane::MediaLink> out;
        const auto open = [&]() -> Task<void> {
            out = co_await net::within(attempt_.limit, media.mount(order_.wish, changed), "device");
        };
        const plane::MediaWish& wish = order_.wish;
        const bool changes = wish.enable || wish.close_sessions || wish.consent_code;
        if (changes)
            co_await open();
        else
            co_await attempt_.interrupt->cut_off(open());
        co_return out;
    }

    /// The host is served beside everything else that is done.
    Task<void> serve(plane::Media& media, Restart* restart) {
        const Board::Row row(shared_.board, attempt_.target.name, link_->statistics());
        net::Group group;
        co_await group.spawn(keep_serving());
        restart_ = restart;
        co_await group.spawn(keep_watch());
        co_await group.spawn(follow(media, restart));
        co_await group.join();
        attempt_.data.set("session", session_value(link_->statistics(), size_, reason_));
        if (restart) co_await restart->undo(media);
        if (failure_) fail(*failure_);
    }

    Task<void> keep_serving() {
        const auto ended = co_await net::attempt(link_->serve());
        reason_ = ended ? *ended : "connection_lost";
        if (!ended) note(ended.error());
        if (reason_ == "closed_by_device")
            note(Error(
                Class::session_busy, "session_busy.ended", "the device ended the session",
                "did somebody else end it, or switch redirection off? 'oob-ider status' tells"));
        done_ = true;
        changed_.ring();
    }

    /// Reads back that the device knows of the session, and restarts the host where that is wished.
    Task<void> follow(plane::Media& media, Restart* restart) {
        const auto followed = co_await net::attempt(read_back_and_start(media, restart));
        if (followed) co_return;
        note(followed.error());
        link_->finish();
    }

    Task<void> read_back_and_start(plane::Media& media, Restart* restart) {
        const Value status = co_await media.status();
        const Value* session = status.find("session");
        attempt_.verified = session && session->truth();
        if (!attempt_.verified && !done_)
            attempt_.findings.warnings.emplace_back("the device does not tell of the session");
        if (!restart) co_return;
        co_await restart->go([&] { return require_loan(media); });
        started_ = true;
    }

    /// Without the loan the host would start from something else. The device is asked: its word
    /// that the session has ended may still be on its way.
    Task<void> require_loan(plane::Media& media) {
        attempt_.interrupt->check();
        const Value status = co_await media.status();
        const Value* session = status.find("session");
        attempt_.interrupt->check();
        if (done_ || ending_ || !session || !session->truth())
            fail(Class::verify, "verify.boot", "the loan ended before the host was started",
                 "did somebody end the session? was --idle or --for too short?");
    }

    Task<void> keep_watch() {
        const auto begin = net::Clock::now();
        while (!done_) {
            shared_.board.tick();
            const auto now = net::Clock::now();
            const media::Statistics& seen = link_->statistics();
            const bool over = order_.duration && now - begin >= *order_.duration;
            const bool quiet =
                order_.idle && seen.commands > 0 && now - seen.last_command >= *order_.idle;
            // Taking the disk from a host that is just starting from it would make a lie of what is
            // told of that start.
            const bool wanted = over || quiet || attempt_.interrupt->raised();
            ending_ = ending_ || (wanted && !starting());
            if (ending_) link_->finish();
            co_await changed_.wait_until(now + tick);
        }
    }

    /// Between the order to start and its proof.
    bool starting() const { return restart_ && restart_->started() && !started_ && !failure_; }

    /// The first failure is the one that counts.
    void note(const Error& error) {
        if (!failure_) failure_ = error;
    }

    plane::Device& device_;
    Order order_;
    Shared shared_;
    fleet::Attempt& attempt_;
    std::uint64_t size_ = 0;
    plane::MediaLink* link_ = nullptr;
    net::Bell changed_;
    std::string reason_;
    std::optional<Error> failure_;
    bool done_ = false;
    const Restart* restart_ = nullptr;
    bool started_ = false;  // and proved
    bool ending_ = false;   // the disks are being taken back
};

Task<void> plan(plane::Device& device, Order order, fleet::Attempt& attempt, Images::Lent lent) {
    const Value status = co_await media_of(device).status();
    std::string words =
        cmd::plan_session(status, "IDE redirection", order.wish.enable, order.wish.close_sessions);
    words += lent.cd && lent.floppy ? "lend a CD and a floppy"
             : lent.cd              ? "lend a CD"
                                    : "lend a floppy";
    if (order.boot) {
        order.wish.cd = lent.cd;
        order.wish.floppy = lent.floppy;
        Restart restart(device, order.wish, attempt);
        words += co_await restart.plan();
    }
    attempt.data.set("plan", words);
}

}  // namespace

plane::Media& media_of(plane::Device& device) {
    plane::Media* media = device.media();
    if (media == nullptr)
        fail(Class::unsupported, "unsupported.media", "this plane cannot lend disks to a host",
             "name a machine with Intel AMT");
    return *media;
}

Task<void> lend(plane::Device& device, Order order, Shared shared, fleet::Attempt& attempt) {
    (void)media_of(device);
    Images::Lent lent;
    const auto enter = [&]() -> Task<void> { lent = co_await shared.images.enter(); };
    co_await attempt.interrupt->cut_off(enter());
    attempt.data.set("media", media_value(lent));
    Result<void> done;
    if (attempt.dry_run) {
        done = co_await net::attempt(plan(device, std::move(order), attempt, lent));
    } else {
        Lending lending(device, std::move(order), shared, attempt, lent);
        done = co_await net::attempt(lending.run());
    }
    co_await shared.images.leave();
    take(done);
}

}  // namespace oob::ider
