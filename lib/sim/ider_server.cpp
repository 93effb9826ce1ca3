#include "sim/ider_server.h"

#include "net/group.h"
#include "sim/disk_host.h"

#include <algorithm>
#include <utility>

namespace oob::sim {

namespace redirection = codec::redirection;
namespace scsi = codec::scsi;
using redirection::Code;
using redirection::FeatureQuestion;
using std::chrono::milliseconds;

namespace {

/// Clients that take a read for a message need time between these and the next (section 6.1).
constexpr milliseconds gap{100};
constexpr milliseconds longest_start{60'000};
/// Something is sent at least so often, whatever the client asked for.
constexpr milliseconds most_silence{10'000};
constexpr milliseconds least_heartbeat{100};
constexpr milliseconds shortest_receive_timeout{10'000};
constexpr milliseconds usual_receive_timeout{30'000};
constexpr milliseconds longest_reset{5'000};
/// How often the host's power is looked at.
constexpr milliseconds host_poll{50};
constexpr milliseconds linger{1'000};
constexpr std::uint32_t features_done = 1;
constexpr std::uint32_t features_refused = 0;
constexpr std::uint32_t features_supported = 1;
constexpr std::uint32_t features_enabled = 2;

}  // namespace

/// A task that the session must not end under.
class IderServer::Inside {
 public:
    explicit Inside(IderServer& server) : server_(server) { ++server_.inside_; }
    ~Inside() {
        if (--server_.inside_ == 0 && server_.ended_) server_.changed_.ring();
    }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

 private:
    IderServer& server_;
};

net::Task<void> IderServer::serve() {
    const auto message = co_await net::within(longest_start, link_.receive(), "start");
    if (!message || redirection::code_of(*message) != Code::ider_open) co_return;
    terms_ = take(redirection::decode_ider_open(*message));
    // What some clients send here is garbage (section 4.2).
    if (milliseconds(terms_.receive_timeout) < shortest_receive_timeout)
        terms_.receive_timeout = static_cast<std::uint16_t>(usual_receive_timeout.count());
    const Version& version = member_.firmware().personality->version;
    redirection::IderOpenReply reply;
    reply.sequence = sequence_++;
    reply.firmware_major = static_cast<std::uint8_t>(version.major);
    reply.firmware_minor = static_cast<std::uint8_t>(version.minor);
    co_await link_.send(encode(reply));
    heard_ = spoken_ = net::Clock::now();
    drops_ = member_.device.dropped_sessions(Redirected::ider);
    starts_ = member_.device.host_starts();
    // Only the join is waited for: when the fleet stops it ends both before it fails.
    net::Group both;
    co_await both.spawn(listen());
    co_await both.spawn(talk());
    co_await both.join();
    // Whoever is in here is on the way out: the stream is closed.
    while (inside_ > 0) co_await changed_.wait();
    take(spoken_last_);
    take(heard_last_);
}

net::Task<void> IderServer::talk() {
    spoken_last_ = co_await net::attempt(speak());
    // A client that said goodbye, or was sent away, takes its drives with it; one whose connection
    // broke may come back.
    const bool sent_away = member_.device.dropped_sessions(Redirected::ider) != drops_;
    if (ending_ || sent_away)
        member_.disks.take_back(*this);
    else
        member_.disks.lose(*this);
    link_.stream().close();
}

net::Task<void> IderServer::listen() {
    while (!ended_) {
        auto message = co_await net::attempt(link_.receive());
        if (!message) heard_last_ = std::unexpected(message.error());
        if (!message || !*message) break;
        heard_ = net::Clock::now();
        const auto heard = co_await net::attempt(hear(**message));
        if (!heard) heard_last_ = heard;
        if (!heard) break;
    }
    ended_ = true;
    changed_.ring();
    member_.disks.lose(*this);
}

net::Task<void> IderServer::hear(View message) {
    switch (redirection::code_of(message)) {
        case Code::ider_data_to_host: {
            const auto head = take(redirection::decode_data_to_host(message));
            if (head.size > redirection::ider_buffer)
                fail(Class::protocol, "redirection.too_long", "data to the host in one piece");
            if (!resetting_)
                member_.disks.take_data(message.subspan(redirection::ider_data_head),
                                        head.completed);
            break;
        }
        case Code::ider_command_end:
            if (!resetting_)
                member_.disks.end(take(redirection::decode_command_end(message)).sense);
            break;
        case Code::ider_get_data:
            co_await send_out(message);
            break;
        case Code::ider_ping:
            // One client gives a ping back as it came, in place of a pong.
            if (std::exchange(ping_, std::nullopt) == redirection::sequence_of(message)) break;
            co_await send_bare(Code::ider_pong);
            break;
        case Code::ider_reset_response:
            resetting_ = false;
            changed_.ring();
            break;
        case Code::ider_features:
            co_await hear_features(message);
            break;
        case Code::ider_close:
            ending_ = true;
            co_await send_bare(Code::ider_close_reply);
            changed_.ring();
            break;
        case Code::end_session:
            ending_ = ended_ = true;
            changed_.ring();
            break;
        default:
            break;  // pongs and echoes: the client is there
    }
}

net::Task<void> IderServer::hear_features(View message) {
    redirection::IderFeatures features = take(redirection::decode_features(message));
    const std::uint32_t when = features.value & redirection::feature_when;
    switch (static_cast<FeatureQuestion>(features.question)) {
        case FeatureQuestion::supported:
            features.value = features_supported;
            break;
        case FeatureQuestion::state:
            features.value = drives_ == Drives::attached ? features_enabled : 0;
            break;
        case FeatureQuestion::set:
            if ((features.value & redirection::feature_enable) == 0) {
                detach();
                features.value = features_done;
            } else if (when == redirection::feature_graceful && member_.disks.busy()) {
                features.value = features_refused;
            } else {
                drives_ = when == redirection::feature_on_reboot ? Drives::armed : Drives::wanted;
                features.value = features_done;
            }
            break;
        default:
            features.value = features_refused;
            break;
    }
    const auto turn = co_await writers_.take();
    features.sequence = sequence_++;
    co_await link_.send(redirection::encode_features_reply(features));
    changed_.ring();
}

net::Task<void> IderServer::send_out(View message) {
    const auto wish = take(redirection::decode_get_data(message));
    redirection::IderDataFromHost piece;
    piece.bytes = member_.disks.next_out(std::min<std::size_t>(wish.size, redirection::ider_buffer),
                                         piece.last);
    const auto turn = co_await writers_.take();
    piece.sequence = sequence_++;
    co_await link_.send(encode(piece));
}

net::Task<void> IderServer::send(Bytes message) {
    co_await link_.send(std::move(message));
    spoken_ = net::Clock::now();
}

net::Task<void> IderServer::send_bare(Code code) {
    const auto turn = co_await writers_.take();
    if (code == Code::ider_ping) ping_ = sequence_;
    co_await send(redirection::encode_bare(code, sequence_++));
}

net::Task<void> IderServer::send_command(DiskBus::Drive drive, scsi::Cdb cdb) {
    const Inside here(*this);
    while (resetting_ && !ended_) co_await changed_.wait();
    redirection::IderCommand command;
    command.drive = drive;
    command.cdb = cdb;
    const auto turn = co_await writers_.take();
    // Nobody would hear of it any more, and nobody would say so.
    if (ended_ || ending_) fail(Class::connect, "connect.closed", "the client has gone");
    command.sequence = sequence_++;
    co_await send(encode(command));
}

/// After this message the client says nothing any more of what was before (section 4.4).
net::Task<void> IderServer::resynchronise() {
    const Inside here(*this);
    constexpr std::uint8_t host_reset = 1;
    resetting_ = true;
    {
        const auto turn = co_await writers_.take();
        co_await send(redirection::encode_reset_occurred(sequence_++, host_reset));
    }
    const auto limit = net::Clock::now() + longest_reset;
    while (resetting_ && !ended_ && net::Clock::now() < limit) co_await changed_.wait_until(limit);
    if (resetting_ && !ended_)
        fail(Class::timeout, "timeout.reset", "the client did not answer a reset of the host");
}

net::Task<void> IderServer::pause() {
    const auto limit = net::Clock::now() + gap;
    while (!ended_ && net::Clock::now() < limit) co_await changed_.wait_until(limit);
}

/// READ CAPACITY alone tells for all clients whether there is a medium (section 4.16).
net::Task<std::optional<std::uint64_t>> IderServer::look_into(DiskBus::Drive drive) {
    constexpr std::size_t capacity_bytes = 8;
    (void)co_await member_.disks.execute(*this, drive, scsi::test_unit_ready(), 0);
    const auto outcome =
        co_await member_.disks.execute(*this, drive, scsi::read_capacity(), capacity_bytes);
    if (!outcome.good() || outcome.data.size() < capacity_bytes) co_return std::nullopt;
    Reader in(outcome.data);
    co_return std::uint64_t{in.be32()} + 1;
}

net::Task<void> IderServer::attach() {
    co_await pause();
    const auto cd = co_await look_into(DiskBus::Drive::cd);
    const auto floppy = co_await look_into(DiskBus::Drive::floppy);
    if (ended_) co_return;
    drives_ = Drives::attached;
    member_.disks.lend(*this, floppy, cd);
}

void IderServer::detach() {
    drives_ = Drives::off;
    member_.disks.take_back(*this);
}

/// A start of the host resets its drives, and its firmware looks into them.
net::Task<void> IderServer::follow_host() {
    const std::uint64_t starts = member_.device.host_starts();
    if (starts == starts_) co_return;
    starts_ = starts;
    if (drives_ == Drives::armed) drives_ = Drives::wanted;
    if (drives_ == Drives::attached) {
        member_.disks.reset();
        co_await resynchronise();
    }
    if (drives_ == Drives::wanted) co_await attach();
    if (drives_ == Drives::attached && !ended_)
        co_await member_.host.spawn_apart(
            boot_from_disks(member_.disks, member_.device.booted_from()));
}

net::Task<void> IderServer::speak() {
    const milliseconds wanted(terms_.heartbeat);
    const milliseconds heartbeat =
        wanted.count() == 0 ? most_silence : std::clamp(wanted, least_heartbeat, most_silence);
    const milliseconds patience(terms_.receive_timeout);
    bool asked = false;
    for (;;) {
        if (ending_ && !ended_) co_await changed_.wait_until(net::Clock::now() + linger);
        if (ending_ || ended_) co_return;
        // The polite way to send a client away (section 4.3).
        if (member_.device.dropped_sessions(Redirected::ider) != drops_)
            co_return co_await send_bare(Code::ider_close_reply);
        co_await follow_host();
        if (drives_ == Drives::wanted) co_await attach();
        const auto now = net::Clock::now();
        if (now - heard_ > patience)
            fail(Class::timeout, "timeout.client", "the client has been silent for too long");
        if (now - heard_ < patience / 2) asked = false;
        if (now - heard_ >= patience / 2 && !asked) {
            asked = true;
            co_await send_bare(Code::ider_ping);
        }
        if (now - spoken_ >= heartbeat) co_await send_bare(Code::ider_heartbeat);
        co_await changed_.wait_until(now + host_poll);
    }
}

}  // namespace oob::sim
