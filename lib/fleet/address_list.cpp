#include "fleet/address_list.h"

#include "core/target.h"
#include "core/text.h"

#include <algorithm>
#include <iterator>

namespace oob::fleet {

namespace {

std::unexpected<Error> no_address(std::string_view word) {
    return std::unexpected(Error(Class::usage, "usage.address", "no address: " + shown(word),
                                 "addresses and ranges only: 10.0.0.7, 10.0.0.0/24, "
                                 "10.0.0.5-10.0.0.90, fe80::1%eth0"));
}

}  // namespace

Result<void> AddressList::Part::add(std::string_view word) {
    if (const auto single = net::IpAddress::parse(word)) {
        if (single->is_ipv4()) {
            ipv4.push_back({single->ipv4(), single->ipv4()});
            return {};
        }
        if (ipv6.size() >= most_ipv6)
            return std::unexpected(Error(Class::usage, "usage.range", "too many IPv6 addresses",
                                         "at most 65,536 in one run"));
        ipv6.push_back(*single);
        return {};
    }
    if (parse_address(word))
        return std::unexpected(Error(Class::usage, "usage.zone",
                                     "this machine has no such interface: " + shown(word),
                                     "ip link shows the interfaces"));
    const auto range = TargetRange::parse(word);
    if (!range) return std::unexpected(range.error());
    const auto first = parse_ipv4(range->at(0));
    const auto last = parse_ipv4(range->at(range->size() - 1));
    if (!first || !last) return no_address(word);
    if (word.find('[') == std::string_view::npos) {
        ipv4.push_back({*first, *last});
        return {};
    }
    for (std::uint64_t i = 0; i < range->size(); ++i) {
        const auto each = parse_ipv4(range->at(i));
        if (!each) return no_address(range->at(i));
        if (!ipv4.empty() && ipv4.back().last + std::uint64_t{1} == *each)
            ipv4.back().last = *each;
        else
            ipv4.push_back({*each, *each});
    }
    return {};
}

/// Stretches in ascending order, none touching the next; IPv6 in order, each once.
void AddressList::Part::sort() {
    std::ranges::sort(ipv4, {}, &Stretch::first);
    std::vector<Stretch> joined;
    for (const Stretch& each : ipv4) {
        if (!joined.empty() && each.first <= joined.back().last + std::uint64_t{1})
            joined.back().last = std::max(joined.back().last, each.last);
        else
            joined.push_back(each);
    }
    ipv4 = std::move(joined);
    std::ranges::sort(ipv6);
    ipv6.erase(std::ranges::unique(ipv6).begin(), ipv6.end());
}

Result<void> AddressList::add(std::string_view word) { return wanted_.add(word); }

Result<void> AddressList::exclude(std::string_view word, std::string reason) {
    Exclusion out{std::move(reason), {}};
    if (auto added = out.part.add(word); !added) return added;
    unwanted_.push_back(std::move(out));
    return {};
}

bool AddressList::Part::touches(const Part& other) const {
    const auto in_common = [this](const Stretch& each) {
        const auto after = std::ranges::upper_bound(ipv4, each.last, {}, &Stretch::first);
        return after != ipv4.begin() && std::prev(after)->last >= each.first;
    };
    return std::ranges::any_of(other.ipv4, in_common) ||
           std::ranges::any_of(other.ipv6, [this](const net::IpAddress& each) {
               return std::ranges::binary_search(ipv6, each);
           });
}

std::vector<AddressList::Stretch> AddressList::difference(const std::vector<Stretch>& from,
                                                          const std::vector<Stretch>& without) {
    std::vector<Stretch> out;
    auto hole = without.begin();
    for (const Stretch& each : from) {
        std::uint64_t first = each.first;
        while (hole != without.end() && hole->last < first) ++hole;
        // A hole may reach into the next stretch too, so it is not used up here.
        for (auto cut = hole; cut != without.end() && cut->first <= each.last; ++cut) {
            if (cut->first > first)
                out.push_back({static_cast<std::uint32_t>(first), cut->first - 1});
            first = std::max<std::uint64_t>(first, cut->last + std::uint64_t{1});
        }
        if (first <= each.last) out.push_back({static_cast<std::uint32_t>(first), each.last});
    }
    return out;
}

void AddressList::finish() {
    wanted_.sort();
    Part unwanted;
    for (const Exclusion& each : unwanted_) {
        if (wanted_.touches(each.part)) effective_.insert(each.reason);
        std::ranges::copy(each.part.ipv4, std::back_inserter(unwanted.ipv4));
        std::ranges::copy(each.part.ipv6, std::back_inserter(unwanted.ipv6));
    }
    unwanted.sort();
    ipv4_ = difference(wanted_.ipv4, unwanted.ipv4);
    ipv6_.clear();
    std::ranges::set_difference(wanted_.ipv6, unwanted.ipv6, std::back_inserter(ipv6_));
    ipv4_size_ = 0;
    for (Stretch& each : ipv4_) {
        each.before = ipv4_size_;
        ipv4_size_ += std::uint64_t{each.last} - each.first + 1;
    }
    wanted_ = {};
    unwanted_.clear();
}

net::IpAddress AddressList::at(std::uint64_t index) const {
    if (index >= ipv4_size_) return ipv6_[index - ipv4_size_];
    const auto after = std::ranges::upper_bound(ipv4_, index, {}, &Stretch::before);
    const Stretch& found = *std::prev(after);
    return net::IpAddress::from_ipv4(
        static_cast<std::uint32_t>(found.first + (index - found.before)));
}

}  // namespace oob::fleet
