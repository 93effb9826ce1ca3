#pragma once

#include "core/error.h"
#include "net/datagram.h"

#include <cstdint>
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

    /// An address (IPv6 with or without brackets), `10.0.0.0/24`, `10.0.0.5-10.0.0.90` or
    /// `10.0.0.[1-9]`. Errors: class `usage`, codes `usage.address` for a name, and `usage.range`.
    Result<void> add(std::string_view word);
    /// The same, to leave out.
    Result<void> exclude(std::string_view word);
    /// Sorts everything out; called once, before size() and at().
    void finish();

    std::uint64_t size() const { return ipv4_size_ + ipv6_.size(); }
    /// The address number `index`, in ascending order, IPv4 first.
    net::IpAddress at(std::uint64_t index) const;

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
    };

    static std::vector<Stretch> difference(const std::vector<Stretch>& from,
                                           const std::vector<Stretch>& without);

    Part wanted_;
    Part unwanted_;
    std::vector<Stretch> ipv4_;
    std::vector<net::IpAddress> ipv6_;
    std::uint64_t ipv4_size_ = 0;
};

}  // namespace oob::fleet
