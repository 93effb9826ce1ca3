#pragma once

#include "core/bytes.h"
#include "fleet/address_list.h"
#include "fleet/permutation.h"
#include "net/datagram.h"
#include "net/task.h"
#include "net/token_bucket.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace oob::fleet {

/// A question in one datagram. What is in it is not the engine's affair.
struct Probe {
    std::string name;
    /// `tag` tells the answers to one address from those to the next; below 255.
    std::function<Bytes(std::uint8_t tag)> request;
    /// True when the datagram answers the request with this tag.
    std::function<bool(View datagram, std::uint8_t tag)> is_answer;
};

/// An address that answered.
struct Found {
    net::IpAddress address;
    std::vector<std::optional<Bytes>> answers;  ///< in the order of the probes
    unsigned copies = 1;                        ///< of a probe that were sent
    std::chrono::milliseconds elapsed{0};
};

struct ScanOptions {
    std::vector<Probe> probes;
    std::uint16_t port = 0;
    std::uint64_t rate = 5'000;  ///< datagrams a second; 0 without limit
    unsigned copies = 3;         ///< of a probe that is not answered, at most
    std::chrono::milliseconds first_gap{
        300};  ///< to the second copy; each later one is twice as long
    std::chrono::milliseconds last_wait{1500};  ///< after the last copy
    std::size_t in_flight = 16'384;             ///< addresses that are waited for at once
    std::uint64_t seed = 0;                     ///< of the order
    std::optional<std::chrono::milliseconds> deadline;
    std::optional<net::IpAddress> source;  ///< to send from
    std::function<void()> reported{};      ///< after some were found, before waiting; may be empty
    bool tell_silent = false;              ///< report those too that answered nothing
    std::function<bool()> hold{};          ///< true: ask nobody new for now; may be empty
};

/// Asks many addresses the same questions, none or more, and tells of each that answered, as soon
/// as it has answered all of them or its time is over (reference discovery-posture,
/// sections 1.8, 6.3, 6.4). What it needs of memory depends on in_flight, not on the number of
/// addresses.
class Scan {
 public:
    using Report = std::function<void(Found)>;

    /// `addresses` outlives the scan.
    Scan(const AddressList& addresses, ScanOptions options, Report report);

    /// Must be awaited to its end; the scan outlives it. Throws Failure: connect.listen.
    net::Task<void> run();
    /// Asks nobody new; who was asked may still answer.
    void drain() { draining_ = true; }

    /// A place in the rate, for what is asked beside the datagrams. The scan outlives the task.
    net::Task<void> take_token();

    bool stopped_early() const { return stopped_early_; }
    std::uint64_t asked() const { return next_; }
    /// Addresses that nobody asked, because the scan was ended.
    std::uint64_t left() const { return addresses_.size() - next_; }
    std::uint64_t sent() const { return sent_; }
    /// Datagrams that answered nothing that was asked.
    std::uint64_t strays() const { return strays_; }
    /// Datagrams that this machine would not send: no route, not permitted. Known after run().
    std::uint64_t refused() const { return refused_; }

 private:
    struct Slot {  // an address that is waited for
        net::IpAddress address;
        std::uint32_t turn = 0;  // goes up when the slot is given back: old entries are void then
        std::uint8_t tag = 0;
        bool used = false;
        unsigned copies = 0;
        std::size_t missing = 0;
        net::Clock::time_point asked;
        std::vector<std::optional<Bytes>> answers;
    };
    struct Ticket {
        std::uint32_t slot;
        std::uint32_t turn;
    };
    struct Outgoing {
        Ticket ticket;
        std::size_t probe;
        bool last;  // of this copy
    };
    struct Due {
        Ticket ticket;
        net::Clock::time_point time;
    };
    struct Hash {
        std::size_t operator()(const net::IpAddress& address) const;
    };

    Slot* alive(Ticket ticket);
    net::DatagramSocket& socket_for(const net::IpAddress& address);
    void admit(net::Clock::time_point now);
    void ask(Ticket ticket);
    void serve_due(net::Clock::time_point now);
    bool send_some(net::Clock::time_point now);
    void after_sending(const Outgoing& outgoing, net::Clock::time_point now);
    void take_answers();
    void take_answer(const net::Datagram& datagram);
    void finish(Ticket ticket);
    bool held() const { return options_.hold && options_.hold(); }
    bool done() const { return used_ == 0 && (draining_ || next_ == addresses_.size()); }
    net::Task<void> wait(net::Clock::time_point now);
    void close();

    const AddressList& addresses_;
    ScanOptions options_;
    Report report_;
    Permutation order_;
    net::TokenBucket bucket_;
    std::optional<boost::asio::any_io_executor> executor_;
    std::optional<net::DatagramSocket> ipv4_;
    std::optional<net::DatagramSocket> ipv6_;
    std::vector<std::vector<Bytes>> requests_;  // by probe and tag, made once
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::unordered_map<net::IpAddress, std::uint32_t, Hash> by_address_;
    std::deque<Outgoing> ready_;
    std::vector<std::deque<Due>> due_;  // by copies sent; each in order of time
    std::size_t used_ = 0;
    std::uint64_t next_ = 0;
    std::uint64_t sent_ = 0;
    std::uint64_t strays_ = 0;
    std::uint64_t refused_ = 0;
    net::Clock::time_point started_;
    bool blocked_ = false;  // the system's buffer is full
    bool draining_ = false;
    bool stopped_early_ = false;
};

}  // namespace oob::fleet
