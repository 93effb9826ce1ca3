#include "core/text.h"
#include "fuzz/expect.h"
#include "wanted.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <string>

namespace {

using namespace oob;
using fuzz::expect;

constexpr std::uint64_t most_targets = 1000;

/// A name with a range is spelt out, which takes its time.
bool is_short(std::string_view line) {
    const auto range = TargetRange::parse(words_of_line(line));
    return !range || range->size() <= most_targets || !line.contains('[');
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    ::setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    return 0;
}

/// Any lines on standard input of a scan: addresses, ranges, names and records are taken, or the
/// line is refused as usage; each address and each name is asked once.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    discover::Wanted wanted{cli::Options()};
    for (const auto line : split(fuzz::text_of(data, size), '\n')) {
        if (!is_short(line)) continue;
        const auto added = wanted.add_line(line);
        expect(added || added.error().kind == Class::usage);
    }
    wanted.addresses.finish();
    std::set<net::IpAddress> seen;
    for (std::uint64_t i = 0; i < std::min(wanted.addresses.size(), most_targets); ++i)
        expect(seen.insert(wanted.addresses.at(i)).second);
    std::set<std::string> names;
    for (const Target& target : wanted.names) expect(names.insert(host_key(target.host)).second);
    return 0;
}
