#pragma once

#include "core/error.h"
#include "net/datagram.h"

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oob::fleet {

/// Many addresses, each once, without spelling them out: stretches of IPv4 addresses, and IPv6
/// addresses one by one. Exclusions always win.
class AddressList {
 public:
    /// More IPv6 addresses than this are refused.
    static constexpr std::size_t most_ipv6 = 65'536;

    /// An address as core's parse_address() takes it, `10.0.0.0/24`, `10.0.0.5-10.0.0.90` or
    /// `10.0.0.[1-9]`. Errors: class `usage`, codes `usage.address` for what may be a name,
    /// `usage.zone` for an interface that is not there, and those of TargetRange.
    Result<void> add(std::string_view word);
    /// The same, to leave out. `reason` is what somebody wrote for it: the word itself, or the name
    /// of the host with this address.
    Result<void> exclude(std::string_view word, std::string reason);
    Result<void> exclude(std::string_view word) { return exclude(word, std::string(word)); }
    /// Sorts everything out; called once, before size(), at() and has_effect().
    void finish();

    std::uint64_t size() const { return ipv4_size_ + ipv6_.size(); }
    /// The address number `index`, in ascending order, IPv4 first.
    net::IpAddress at(std::uint64_t index) const;
    /// Whether something was left out for this reason.
    bool has_effect(std::string_view reason) const { return effective_.contains(reason); }

 private:
    struct Stretch {
        std::uint32_t first;
        std::uint32_t last;
        std::uint64_t before = 0;  // how many addresses stand in the stretches before it
    };
    struct Part {
        std::vector<Stretch> ipv4;
        std::vector<net::IpAddress> ipv6;

        Result<void> add(std::string_view word);
        void sort();
        /// Whether an address stands in both; this one is sorted.
        bool touches(const Part& other) const;
    };
    struct Exclusion {
        std::string reason;
        Part part;
    };

    static std::vector<Stretch> difference(const std::vector<Stretch>& from,
                                           const std::vector<Stretch>& without);

    Part wanted_;
    std::vector<Exclusion> unwanted_;
    std::set<std::string, std::less<>> effective_;
    std::vector<Stretch> ipv4_;
    std::vector<net::IpAddress> ipv6_;
    std::uint64_t ipv4_size_ = 0;
};

}  // namespace oob::fleet
