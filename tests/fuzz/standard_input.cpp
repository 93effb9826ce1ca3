#include "cli/targets.h"
#include "core/json.h"
#include "fuzz/expect.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <set>
#include <sstream>
#include <string>

namespace {

using namespace oob;
using fuzz::expect;

/// Ranges that take their time to spell out.
bool may_be_large(std::string_view text) {
    std::size_t digits = 0;
    for (const char c : text) {
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        if (digits > 3 || c == '/') return !text.contains('{');
    }
    return std::ranges::count(text, '[') > 4;
}

Result<cli::Gathered> collect(const std::string& text, bool include_failed) {
    static const cli::Verb verb{.name = "status"};
    cli::Parsed parsed;
    parsed.verb = &verb;
    parsed.targets = {"-"};
    parsed.options.include_failed = include_failed;
    std::istringstream input(text);
    std::streambuf* const before = std::cin.rdbuf(input.rdbuf());
    fleet::Inventory inventory;
    auto out = cli::collect_work(parsed, inventory);
    std::cin.rdbuf(before);
    std::cin.clear();
    return out;
}

/// Each machine once, and records that had failed are handed on as they came.
void check(const cli::Gathered& gathered, bool include_failed) {
    std::set<std::string> keys;
    for (const fleet::Work& work : gathered.list) {
        expect(keys.insert(key_of(work.target)).second);
        const auto again = parse_target(work.target.text);
        expect(again && key_of(*again) == key_of(work.target));
        expect(!include_failed || !work.passed_through);
        if (work.passed_through) expect(work.passed_through->find("target") != nullptr);
    }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    ::setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    return 0;
}

/// Any bytes on standard input behind the target "-": targets, records and comments are read, or
/// the line is refused as usage; the same input is the same work.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    if (may_be_large(text)) return 0;
    for (const bool include_failed : {false, true}) {
        const auto gathered = collect(text, include_failed);
        if (gathered)
            check(*gathered, include_failed);
        else
            expect(gathered.error().kind == Class::usage &&
                   gathered.error().message.starts_with("standard input"));
    }
    return 0;
}
