#include "session/ider_session.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace oob::session {

namespace redirection = codec::redirection;
namespace scsi = codec::scsi;
using net::Task;
using redirection::Code;
using std::chrono::milliseconds;

namespace {

/// A device that was silent for so long is asked, and after so much longer it is gone.
constexpr milliseconds ask_after{10'000};
constexpr milliseconds most_silence{30'000};
constexpr milliseconds longest_data{10'000};  // of a write, from the host
constexpr milliseconds stall{1'000};
/// So much of an image is read and sent at once.
constexpr std::size_t chunk_bytes = std::size_t{64} * 1024;
constexpr std::size_t most_commands = 64;  // a device has one under way; more is no device

Bytes bytes_of(const redirection::IderDataFromHost& data) {
    return Bytes(data.bytes.begin(), data.bytes.end());
}

}  // namespace

Task<net::Turns::Turn> IderSession::turn_to_write() {
    auto turn = co_await writers_.take();
    spoken_ = net::Clock::now();
    co_return turn;
}

Task<std::string> IderSession::serve() {
    net::Group group;
    tasks_ = &group;
    co_await group.spawn(keep(listen()));
    co_await group.spawn(keep(work()));
    co_await group.spawn(keep(watch()));
    co_await group.join();
    tasks_ = nullptr;
    if (closed_by_device_ && !goodbye_said_) co_return "closed_by_device";
    if (failure_ && !goodbye_said_) fail(*failure_);
    co_return "finished";
}

/// The first task that ends ends the others.
Task<void> IderSession::keep(Task<void> task) {
    const auto done = co_await net::attempt(std::move(task));
    if (!done && !failure_ && !ended_) failure_ = done.error();
    if (std::exchange(ended_, true)) co_return;
    session_.close();
    changed_.ring();
    tasks_->cancel();  // one of them may be waiting for an image
}

void IderSession::finish() {
    finishing_ = true;
    changed_.ring();
}

Task<void> IderSession::listen() {
    while (!ended_) {
        const auto message = co_await session_.receive();
        if (!message) {
            if (goodbye_said_) co_return;
            Error lost(Class::connect, "connect.closed", "the device closed the connection",
                       "was the session ended by somebody else, or the device restarted?");
            lost.retryable = true;
            fail(std::move(lost));
        }
        heard_ = net::Clock::now();
        if (redirection::code_of(*message) == Code::ider_close_reply) {
            closed_by_device_ = true;
            changed_.ring();
            if (!goodbye_said_) co_return;
            continue;
        }
        co_await hear(*message);
    }
}

Task<void> IderSession::hear(View message) {
    switch (redirection::code_of(message)) {
        case Code::ider_command:
            if (const auto command = take(redirection::decode_command(message));
                answers_at_once(command)) {
                co_await answer_timed(command);
                break;
            }
            if (commands_.size() >= most_commands)
                fail(Class::protocol, "redirection.commands",
                     "the device sent commands without waiting for answers",
                     "is this AMT's redirection port?");
            commands_.push_back(take(redirection::decode_command(message)));
            changed_.ring();
            break;
        case Code::ider_data_from_host:
            if (!from_host_.wanted) break;  // of a command that a reset has ended
            from_host_.wanted = false;
            from_host_.bytes = bytes_of(take(redirection::decode_data_from_host(message)));
            changed_.ring();
            break;
        case Code::ider_ping:
            co_await send_bare(Code::ider_pong);
            break;
        case Code::ider_reset_occurred:
            co_await after_reset();
            break;
        default:
            break;  // heartbeats, pongs, late replies, errors of the device: it is there
    }
}

/// Nothing of the commands before may follow the answer.
Task<void> IderSession::after_reset() {
    ++statistics_.resets;
    ++generation_;
    commands_.clear();
    from_host_ = {};
    changed_.ring();
    co_await send_bare(Code::ider_reset_response);
}

Task<void> IderSession::work() {
    for (;;) {
        while (commands_.empty() && !ended_) co_await changed_.wait();
        if (ended_) co_return;
        const redirection::IderCommand command = commands_.front();
        commands_.pop_front();
        co_await answer_timed(command);
    }
}

/// Waking the task that works takes longer than to read a little from a file. A long read goes its
/// way, so that a reset of the host or a ping need not wait for it; and a write waits for data that
/// the task that listens has to hear.
bool IderSession::answers_at_once(const redirection::IderCommand& command) {
    const Disk& disk = disk_of(command.drive);
    const std::size_t bytes =
        std::size_t{scsi::blocks_of_read_10(command.cdb)} * scsi::block_size(command.drive);
    return bytes > 0 && bytes <= chunk_bytes && !answering_ && commands_.empty() && disk.image &&
           disk.image->immediate();
}

Task<void> IderSession::answer_timed(redirection::IderCommand command) {
    answering_ = true;
    const auto begin = net::Clock::now();
    co_await answer(command);
    answering_ = false;
    const auto took = net::Clock::now() - begin;
    if (took >= stall) ++statistics_.stalls;
    statistics_.longest_stall =
        std::max(statistics_.longest_stall, std::chrono::duration_cast<milliseconds>(took));
    if (finishing_) changed_.ring();
}

Disk& IderSession::disk_of(scsi::DriveKind kind) {
    return kind == scsi::DriveKind::cd ? cd_ : floppy_;
}

void IderSession::count(const scsi::Reply& reply, const Disk& disk) {
    if (reply.kind == scsi::Reply::Kind::failed) ++statistics_.failures;
    if (reply.kind == scsi::Reply::Kind::write) {
        ++statistics_.writes;
        statistics_.written_bytes += reply.size;
    }
    if (reply.kind != scsi::Reply::Kind::read) return;
    ++statistics_.reads;
    statistics_.read_bytes += reply.size;
    const std::uint64_t part = std::max<std::uint64_t>(
        (disk.image->size() + media::Statistics::parts - 1) / media::Statistics::parts, 1);
    ++statistics_.reads_of_part[std::min(reply.offset / part,
                                         std::uint64_t{media::Statistics::parts - 1})];
}

Task<void> IderSession::answer(redirection::IderCommand command) {
    Disk& disk = disk_of(command.drive);
    scsi::Reply reply =
        disk.presented ? disk.drive.answer(command.cdb) : disk.drive.failed(scsi::no_medium);
    statistics_.last_command = net::Clock::now();
    if (statistics_.commands++ == 0) statistics_.first_command = statistics_.last_command;
    statistics_.last = scsi::name(scsi::operation_of(command.cdb));
    count(reply, disk);
    switch (reply.kind) {
        case scsi::Reply::Kind::good:
        case scsi::Reply::Kind::failed:
            co_await send_end(command, reply.sense);
            break;
        case scsi::Reply::Kind::data:
            co_await send_data(command, std::move(reply.data));
            break;
        case scsi::Reply::Kind::read:
            co_await send_image(command, std::move(reply));
            break;
        case scsi::Reply::Kind::write: {
            const std::uint64_t generation = generation_;
            const scsi::Sense sense = co_await take_data(command, std::move(reply));
            if (sense.key != 0) disk.drive.failed(sense);
            if (generation == generation_) co_await send_end(command, sense);
            break;
        }
    }
}

Task<void> IderSession::send_end(redirection::IderCommand command, scsi::Sense sense) {
    const auto turn = co_await turn_to_write();
    co_await session_.send(encode(redirection::IderCommandEnd{sequence_++, command.drive, sense}));
}

Task<void> IderSession::send_bare(Code code) {
    const auto turn = co_await turn_to_write();
    co_await session_.send(redirection::encode_bare(code, sequence_++));
}

Task<void> IderSession::send_data(redirection::IderCommand command, Bytes data) {
    const std::uint64_t generation = generation_;
    const auto turn = co_await turn_to_write();
    if (generation == generation_) co_await write_frames(command, data, true);
}

Task<void> IderSession::write_frames(redirection::IderCommand command, View data, bool last) {
    frames_.clear();
    while (!data.empty()) {
        const View piece = data.first(std::min(piece_, data.size()));
        data = data.subspan(piece.size());
        redirection::IderDataToHost head;
        head.sequence = sequence_++;
        head.drive = command.drive;
        head.dma = command.dma;
        head.completed = last && data.empty();
        head.size = static_cast<std::uint16_t>(piece.size());
        const auto bytes = redirection::encode_head(head);
        frames_.insert(frames_.end(), bytes.begin(), bytes.end());
        frames_.insert(frames_.end(), piece.begin(), piece.end());
    }
    co_await session_.write(frames_);
}

Task<void> IderSession::send_image(redirection::IderCommand command, scsi::Reply reply) {
    const std::uint64_t generation = generation_;
    Disk& disk = disk_of(command.drive);
    while (reply.size > 0) {
        chunk_.resize(std::min<std::uint64_t>(chunk_bytes, reply.size));
        const auto read = co_await net::attempt(disk.image->read(reply.offset, chunk_));
        if (generation != generation_) co_return;
        if (!read) {
            // The host hears of it, and the image may be better the next time.
            ++statistics_.failures;
            disk.drive.failed(scsi::unreadable);
            co_return co_await send_end(command, scsi::unreadable);
        }
        reply.offset += chunk_.size();
        reply.size -= chunk_.size();
        const auto turn = co_await turn_to_write();
        if (generation != generation_) co_return;
        co_await write_frames(command, chunk_, reply.size == 0);
    }
}

/// In rounds of what the device sends at once; each is asked for.
Task<scsi::Sense> IderSession::take_data(redirection::IderCommand command, scsi::Reply reply) {
    const std::uint64_t generation = generation_;
    Disk& disk = disk_of(command.drive);
    while (reply.size > 0) {
        const auto size =
            static_cast<std::uint16_t>(std::min<std::uint64_t>(piece_back_, reply.size));
        from_host_ = {true, std::nullopt};
        {
            const auto turn = co_await turn_to_write();
            co_await session_.send(
                encode(redirection::IderGetData{sequence_++, command.drive, size}));
        }
        const auto limit = net::Clock::now() + longest_data;
        while (!from_host_.bytes && generation == generation_ && !ended_ &&
               net::Clock::now() < limit)
            co_await changed_.wait_until(limit);
        if (!from_host_.bytes) {
            from_host_ = {};
            co_return scsi::aborted;
        }
        const Bytes bytes = std::move(*from_host_.bytes);
        from_host_ = {};
        if (bytes.empty() || bytes.size() > reply.size)
            fail(Class::protocol, "redirection.data",
                 "the device sent another number of bytes than it was asked for",
                 "is this AMT's redirection port?");
        if (!co_await net::attempt(disk.image->write(reply.offset, bytes)))
            co_return scsi::unwritable;
        reply.offset += bytes.size();
        reply.size -= bytes.size();
    }
    co_return scsi::Sense{};
}

/// Looks after silence, and ends the session when that is wished.
Task<void> IderSession::watch() {
    for (;;) {
        if (ended_) co_return;
        if (finishing_) co_return co_await end();
        const auto now = net::Clock::now();
        const auto quiet_since = std::max(heard_, spoken_);
        if (now - heard_ >= most_silence)
            fail(Class::timeout, "timeout.silence", "the device has said nothing for 30 seconds",
                 "is the network up?");
        // Whoever is writing may be stuck; silence and the wish for the end are still looked after.
        if (now - quiet_since >= ask_after)
            (void)co_await net::attempt(
                net::within(patience_.goodbye, send_bare(Code::ider_ping), "write"));
        co_await changed_.wait_until(
            std::min(heard_ + most_silence, std::max(heard_, spoken_) + ask_after));
    }
}

/// The answer at hand may wait for an image, or for a device that takes nothing.
Task<void> IderSession::end() {
    const auto limit = net::Clock::now() + patience_.last_answer;
    while (answering_ && !ended_ && net::Clock::now() < limit) co_await changed_.wait_until(limit);
    if (!ended_) co_await say_goodbye();
}

Task<void> IderSession::say_goodbye() {
    goodbye_said_ = true;
    const auto said =
        co_await net::attempt(net::within(patience_.goodbye, send_bare(Code::ider_close), "write"));
    if (!said) co_return;  // nobody listens to it
    const auto limit = net::Clock::now() + patience_.goodbye;
    while (!closed_by_device_ && !ended_ && net::Clock::now() < limit)
        co_await changed_.wait_until(limit);
    if (!ended_)
        (void)co_await net::attempt(net::within(patience_.goodbye, send_last(), "write"));
}

/// An answer to the device may be on its way: two messages at once would mix.
Task<void> IderSession::send_last() {
    const auto turn = co_await turn_to_write();
    co_await session_.send(redirection::encode_end_session());
}

}  // namespace oob::session
