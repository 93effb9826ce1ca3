#include "sim/disk_bus.h"

#include <algorithm>
#include <utility>

namespace oob::sim {

namespace scsi = codec::scsi;
using scsi::Operation;

namespace {

constexpr std::chrono::milliseconds longest_command{30'000};

/// These are answered whatever happened to the drive.
bool ignores_attention(Operation operation) {
    return operation == Operation::inquiry || operation == Operation::request_sense;
}

/// Some clients call a read good that they could not do; then there is no data.
bool lacks_data(const scsi::Cdb& cdb, std::size_t most, const DiskBus::Outcome& outcome) {
    const Operation operation = scsi::operation_of(cdb);
    const bool reads = operation == Operation::read_10 || operation == Operation::read_12;
    return reads && outcome.good() && outcome.data.size() != most;
}

}  // namespace

net::Task<DiskBus::Outcome> DiskBus::run(Drive drive, scsi::Cdb cdb, std::size_t most, Bytes out) {
    const auto turn = co_await hosts_.take();
    for (;;) {
        while (state_ == State::broken && net::Clock::now() < broken_since_ + patience)
            co_await changed_.wait_until(broken_since_ + patience);
        if (state_ != State::lent) co_return Outcome{scsi::no_medium};
        auto& attention = attention_[index(drive)];
        if (attention && !ignores_attention(scsi::operation_of(cdb)))
            co_return Outcome{*std::exchange(attention, std::nullopt)};
        Outcome outcome = co_await execute(*lender_, drive, cdb, most, out);
        if (outcome.sense == scsi::no_medium && state_ == State::broken) continue;
        if (lacks_data(cdb, most, outcome)) outcome.sense = scsi::unreadable;
        co_return outcome;
    }
}

net::Task<bool> DiskBus::wait_for_medium(Drive drive, std::chrono::milliseconds limit) {
    const auto end = net::Clock::now() + limit;
    while (!blocks(drive) && net::Clock::now() < end) co_await changed_.wait_until(end);
    co_return blocks(drive).has_value();
}

net::Task<DiskBus::Outcome> DiskBus::execute(Lender& lender, Drive drive, scsi::Cdb cdb,
                                             std::size_t most, Bytes out) {
    running_ = Running{.most = most, .out = std::move(out)};
    running_->outcome.data.reserve(most);
    const auto sent = co_await net::attempt(lender.send_command(drive, cdb));
    if (!sent) running_->lost = running_->done = true;
    const auto limit = net::Clock::now() + longest_command;
    while (!running_->done && net::Clock::now() < limit) co_await changed_.wait_until(limit);
    Running ended = *std::exchange(running_, std::nullopt);
    if (ended.lost) co_return Outcome{scsi::no_medium};
    if (ended.done) co_return std::move(ended.outcome);
    (void)co_await net::attempt(lender.resynchronise());
    co_return Outcome{scsi::aborted};
}

void DiskBus::finish_running() {
    running_->done = true;
    changed_.ring();
}

void DiskBus::reset() {
    for (auto& attention : attention_) attention = scsi::was_reset;
    if (!running_ || running_->done) return;
    running_->outcome.sense = scsi::aborted;
    finish_running();
}

void DiskBus::lend(Lender& lender, std::optional<std::uint64_t> floppy,
                   std::optional<std::uint64_t> cd) {
    const std::array<std::optional<std::uint64_t>, 2> now{floppy, cd};
    // After a broken connection the host must not notice anything but the time, as long as the
    // media are the same.
    for (std::size_t i = 0; i < now.size(); ++i)
        if (now[i] && now[i] != blocks_[i]) attention_[i] = scsi::medium_changed;
    if (now != blocks_) ++loan_;
    blocks_ = now;
    lender_ = &lender;
    state_ = State::lent;
    changed_.ring();
}

void DiskBus::take_back(const Lender& lender) {
    if (lender_ != nullptr && lender_ != &lender) return;
    lender_ = nullptr;
    state_ = State::absent;
    ++loan_;
    blocks_ = {};
    attention_ = {};
    if (running_ && !running_->done) {
        running_->outcome.sense = scsi::no_medium;
        finish_running();
    }
    changed_.ring();
}

void DiskBus::lose(const Lender& lender) {
    // A client that looks at its media first has a command under way, but is not yet lent.
    if (running_ && !running_->done && (lender_ == nullptr || lender_ == &lender)) {
        running_->lost = true;
        finish_running();
    }
    if (lender_ != &lender) return;
    lender_ = nullptr;
    state_ = State::broken;
    broken_since_ = net::Clock::now();
    changed_.ring();
}

void DiskBus::take_data(View bytes, bool last) {
    if (!running_ || running_->done) return;
    Bytes& data = running_->outcome.data;
    const View wanted = bytes.first(std::min(bytes.size(), running_->most - data.size()));
    data.insert(data.end(), wanted.begin(), wanted.end());
    if (last) finish_running();
}

void DiskBus::end(Sense sense) {
    if (!running_ || running_->done) return;
    running_->outcome.sense = sense;
    finish_running();
}

View DiskBus::next_out(std::size_t most, bool& last) {
    last = true;
    if (!running_ || running_->done) return {};
    const View rest = View(running_->out).subspan(running_->out_sent);
    const View piece = rest.first(std::min(rest.size(), most));
    running_->out_sent += piece.size();
    last = piece.size() == rest.size();
    return piece;
}

}  // namespace oob::sim
