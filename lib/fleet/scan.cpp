#include "fleet/scan.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace oob::fleet {

using net::Clock;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t tags = 255;  // the last number is reserved by ASF
constexpr std::size_t burst = 32;
/// Batches that are read before something is sent again.
constexpr std::size_t most_batches = 64;
constexpr milliseconds pause_when_blocked{1};
constexpr milliseconds pause_when_held{10};
/// With two sockets only one can be waited on; the other is looked at this often.
constexpr milliseconds pause_with_two{10};
constexpr milliseconds longest_wait{1000};

}  // namespace

std::size_t Scan::Hash::operator()(const net::IpAddress& address) const {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    std::memcpy(&high, address.bytes.data(), sizeof high);
    std::memcpy(&low, address.bytes.data() + sizeof high, sizeof low);
    const std::uint64_t sum = (low ^ high * 0x9e3779b97f4a7c15U) * 0xbf58476d1ce4e5b9U;
    return static_cast<std::size_t>(sum ^ sum >> 29 ^ address.scope);
}

Scan::Scan(const AddressList& addresses, ScanOptions options, Report report)
    : addresses_(addresses),
      options_(std::move(options)),
      report_(std::move(report)),
      order_(addresses.size(), options_.seed),
      bucket_(options_.rate, burst, Clock::now()),
      due_(options_.copies) {
    const std::size_t slots =
        static_cast<std::size_t>(std::min<std::uint64_t>(options_.in_flight, addresses.size()));
    slots_.resize(slots);
    by_address_.reserve(slots);
    for (std::size_t i = slots; i > 0; --i) free_.push_back(static_cast<std::uint32_t>(i - 1));
    for (const Probe& probe : options_.probes) {
        auto& made = requests_.emplace_back();
        for (std::size_t tag = 0; tag < tags; ++tag)
            made.push_back(probe.request(static_cast<std::uint8_t>(tag)));
    }
}

void Scan::close() {
    for (auto* socket : {&ipv4_, &ipv6_}) {
        if (*socket) refused_ += (*socket)->refused();
        socket->reset();
    }
    executor_.reset();
}

Scan::Slot* Scan::alive(Ticket ticket) {
    Slot& slot = slots_[ticket.slot];
    return slot.used && slot.turn == ticket.turn ? &slot : nullptr;
}

net::DatagramSocket& Scan::socket_for(const net::IpAddress& address) {
    const bool ipv6 = !address.is_ipv4();
    std::optional<net::DatagramSocket>& socket = ipv6 ? ipv6_ : ipv4_;
    if (!socket) {
        net::DatagramOptions options;
        options.ipv6 = ipv6;
        if (options_.source && options_.source->is_ipv4() != ipv6)
            options.address = options_.source;
        socket.emplace(*executor_, options);
    }
    return *socket;
}

void Scan::ask(Ticket ticket) {
    Slot& slot = slots_[ticket.slot];
    ++slot.copies;
    std::size_t left = slot.missing;
    for (std::size_t probe = 0; probe < slot.answers.size(); ++probe)
        if (!slot.answers[probe]) ready_.push_back({ticket, probe, --left == 0});
}

void Scan::admit(Clock::time_point now) {
    while (ready_.size() < net::DatagramSocket::most_at_once && !free_.empty() &&
           next_ < addresses_.size() && !draining_ && !held()) {
        const std::uint64_t index = order_.at(next_++);
        const std::uint32_t number = free_.back();
        free_.pop_back();
        Slot& slot = slots_[number];
        slot.address = addresses_.at(index);
        slot.tag = static_cast<std::uint8_t>(index % tags);
        slot.used = true;
        slot.copies = 0;
        slot.missing = options_.probes.size();
        slot.asked = now;
        slot.answers.assign(options_.probes.size(), std::nullopt);
        by_address_[slot.address] = number;
        ++used_;
        if (slot.missing == 0)
            finish({number, slot.turn});
        else
            ask({number, slot.turn});
    }
}

void Scan::serve_due(Clock::time_point now) {
    for (std::size_t copies = 0; copies < due_.size(); ++copies) {
        auto& queue = due_[copies];
        for (; !queue.empty() && queue.front().time <= now; queue.pop_front()) {
            const Ticket ticket = queue.front().ticket;
            if (alive(ticket) == nullptr) continue;
            if (copies + 1 < due_.size())
                ask(ticket);
            else
                finish(ticket);
        }
    }
}

/// The time of the next copy counts from when this one has left, however long it had to wait.
void Scan::after_sending(const Outgoing& outgoing, Clock::time_point now) {
    ++sent_;
    const Slot* slot = alive(outgoing.ticket);
    if (slot == nullptr || !outgoing.last) return;
    const std::size_t place = slot->copies - 1;
    const bool final_copy = place + 1 == due_.size();
    const milliseconds gap = final_copy ? options_.last_wait : options_.first_gap * (1U << place);
    due_[place].push_back({outgoing.ticket, now + gap});
}

bool Scan::send_some(Clock::time_point now) {
    std::array<net::Datagram, net::DatagramSocket::most_at_once> batch;
    std::size_t count = 0;
    const std::size_t allowed = bucket_.take(std::min(batch.size(), ready_.size()), now);
    if (allowed == 0) return false;
    const net::IpAddress& first = slots_[ready_.front().ticket.slot].address;
    for (; count < allowed; ++count) {
        const Outgoing& each = ready_[count];
        const Slot& slot = slots_[each.ticket.slot];
        if (slot.address.is_ipv4() != first.is_ipv4()) break;
        batch[count] = {slot.address, options_.port, {}, requests_[each.probe][slot.tag]};
    }
    const std::size_t sent = socket_for(first).send(std::span(batch).first(count));
    bucket_.put_back(allowed - sent);
    for (std::size_t i = 0; i < sent; ++i) {
        after_sending(ready_.front(), now);
        ready_.pop_front();
    }
    blocked_ = sent < count;
    return sent > 0;
}

void Scan::take_answers() {
    for (auto* socket : {&ipv4_, &ipv6_}) {
        if (!*socket) continue;
        for (std::size_t i = 0; i < most_batches; ++i) {
            const auto arrived = (*socket)->receive();
            for (const net::Datagram& each : arrived) take_answer(each);
            if (arrived.size() < net::DatagramSocket::most_at_once) break;
        }
    }
}

void Scan::take_answer(const net::Datagram& datagram) {
    const auto found = by_address_.find(datagram.peer);
    if (found == by_address_.end() || datagram.port != options_.port) {
        ++strays_;
        return;
    }
    Slot& slot = slots_[found->second];
    for (std::size_t i = 0; i < options_.probes.size(); ++i) {
        if (slot.answers[i] || !options_.probes[i].is_answer(datagram.bytes, slot.tag)) continue;
        slot.answers[i].emplace(datagram.bytes.begin(), datagram.bytes.end());
        if (--slot.missing == 0) finish({found->second, slot.turn});
        return;
    }
    ++strays_;
}

void Scan::finish(Ticket ticket) {
    Slot& slot = slots_[ticket.slot];
    Found found{slot.address, std::move(slot.answers), slot.copies,
                std::chrono::duration_cast<milliseconds>(Clock::now() - slot.asked)};
    const bool any = slot.missing < options_.probes.size();
    by_address_.erase(slot.address);
    slot.used = false;
    ++slot.turn;
    slot.answers.clear();
    free_.push_back(ticket.slot);
    --used_;
    if (any || options_.tell_silent) report_(std::move(found));
}

net::Task<void> Scan::take_token() {
    for (;;) {
        const Clock::time_point now = Clock::now();
        if (bucket_.take(1, now) > 0) co_return;
        co_await net::sleep_until(bucket_.next(now));
    }
}

net::Task<void> Scan::wait(Clock::time_point now) {
    Clock::time_point limit = now + longest_wait;
    for (const auto& queue : due_)
        if (!queue.empty()) limit = std::min(limit, queue.front().time);
    if (!ready_.empty())
        limit = std::min(limit, blocked_ ? now + pause_when_blocked : bucket_.next(now));
    if (held()) limit = std::min<Clock::time_point>(limit, now + pause_when_held);
    if (ipv4_ && ipv6_) limit = std::min<Clock::time_point>(limit, now + pause_with_two);
    if (ipv4_)
        co_await ipv4_->wait(limit);
    else if (ipv6_)
        co_await ipv6_->wait(limit);
    else
        co_await net::sleep_until(limit);
}

net::Task<void> Scan::run() {
    // Sockets must not outlive the loop, which may end before the scan is destroyed.
    struct Closing {
        Scan& scan;
        ~Closing() { scan.close(); }
    } closing{*this};
    executor_ = co_await boost::asio::this_coro::executor;
    started_ = Clock::now();
    while (!done()) {
        take_answers();
        const Clock::time_point now = Clock::now();
        if (options_.deadline && now - started_ >= *options_.deadline) draining_ = true;
        serve_due(now);
        if (options_.reported) options_.reported();
        // What has been answered meanwhile, or was given up, need not be asked again.
        while (!ready_.empty() && alive(ready_.front().ticket) == nullptr) ready_.pop_front();
        admit(now);
        if (send_some(now))
            co_await boost::asio::post(*executor_, boost::asio::use_awaitable);
        else if (!done())
            co_await wait(now);
    }
    stopped_early_ = next_ < addresses_.size();
}

}  // namespace oob::fleet
