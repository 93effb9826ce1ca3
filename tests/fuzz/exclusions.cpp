#include "cli/exclusions.h"
#include "core/text.h"
#include "fleet/address_list.h"
#include "fuzz/expect.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace oob;
using fuzz::expect;

constexpr std::uint64_t most_targets = 300;

bool is_short(std::string_view word) {
    if (word.starts_with('@')) return true;
    const auto range = TargetRange::parse(word);
    return !range || range->size() <= most_targets;
}

/// What an exclusion stands for is spared, however it is asked for.
void check_targets(const std::vector<std::string_view>& excluded,
                   const std::vector<std::string_view>& wanted) {
    const fleet::Inventory inventory;
    cli::Exclusions exclusions(inventory);
    std::vector<Target> spared;
    for (const auto word : excluded) {
        if (!is_short(word)) continue;
        const auto targets = exclusions.add(word);
        expect(targets || targets.error().kind == Class::usage);
        if (!targets) continue;
        expect(exclusions.has(word));
        spared.insert(spared.end(), targets->begin(), targets->end());
    }
    for (const auto word : wanted) {
        if (!is_short(word)) continue;
        const auto targets = inventory.expand(word);
        if (!targets) continue;
        for (const Target& target : *targets) {
            const bool away = exclusions.takes_away(target);
            for (const Target& one : spared)
                if (key_of(one) == key_of(target)) expect(away);
            if (target.uuid && exclusions.ids().contains("amt:" + *target.uuid)) expect(away);
        }
    }
    for (const Target& target : spared) expect(exclusions.takes_away(target));
    for (const auto& word : exclusions.without_effect())
        expect(exclusions.complaint(word).kind == Class::usage);
}

/// Each address once, in ascending order with IPv4 first, and none that was left out.
void check_addresses(const std::vector<std::string_view>& excluded,
                     const std::vector<std::string_view>& wanted) {
    fleet::AddressList list;
    fleet::AddressList unwanted;
    for (const auto word : wanted) (void)list.add(word);
    for (const auto word : excluded)
        expect(list.exclude(word).has_value() == unwanted.add(word).has_value());
    list.finish();
    unwanted.finish();
    if (list.size() > 2 * most_targets || unwanted.size() > 2 * most_targets) return;
    std::set<net::IpAddress> left_out;
    for (std::uint64_t i = 0; i < unwanted.size(); ++i) left_out.insert(unwanted.at(i));
    std::optional<net::IpAddress> before;
    for (std::uint64_t i = 0; i < list.size(); ++i) {
        const net::IpAddress address = list.at(i);
        expect(!before ||
               std::pair(!before->is_ipv4(), *before) < std::pair(!address.is_ipv4(), address));
        expect(!left_out.contains(address));
        before = address;
    }
}

}  // namespace

/// The words of the first line are exclusions, those of the second are asked for: as targets and as
/// addresses of a scan.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text = fuzz::text_of(data, size);
    const auto excluded = split(fuzz::take_line(text), ' ');
    const auto wanted = split(fuzz::take_line(text), ' ');
    check_targets(excluded, wanted);
    check_addresses(excluded, wanted);
    return 0;
}
