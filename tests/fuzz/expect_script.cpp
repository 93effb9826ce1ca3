#include "fuzz/expect.h"
#include "script.h"
#include "terminal/keys.h"

#include <string>

namespace {

using namespace oob;
using fuzz::expect;
using sol::Step;

void check_pattern(const sol::Pattern& pattern, const std::string& shown) {
    const auto match = pattern.find(shown);
    if (!match) return;
    expect(match->end <= shown.size() && !match->groups.empty());
    expect(shown.substr(0, match->end).ends_with(match->groups.front()));
}

/// Each step leads to a step, or to the end behind the last.
void check(const std::vector<Step>& steps, const std::string& shown) {
    std::size_t line = 0;
    for (const Step& step : steps) {
        expect(step.line > line && step.target <= steps.size());
        line = step.line;
        expect(step.pattern.has_value() == (step.kind == Step::Kind::expect));
        expect(step.ways.empty() == (step.kind != Step::Kind::branch));
        if (step.kind == Step::Kind::key || step.kind == Step::Kind::send_variable)
            expect(!step.text.empty());
        if (step.pattern) check_pattern(*step.pattern, shown);
        for (const Step::Way& way : step.ways) {
            expect(way.target <= steps.size());
            if (way.pattern) check_pattern(*way.pattern, shown);
        }
    }
}

}  // namespace

/// The first line is what a console shows, the rest a script: it is read or refused with a line of
/// its own, every jump of it leads somewhere, and what its patterns find is there.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text = fuzz::text_of(data, size);
    const std::string shown(fuzz::take_line(text));
    const auto steps = sol::parse_script(text);
    if (steps) {
        check(*steps, shown);
        return 0;
    }
    expect(steps.error().kind == Class::usage && steps.error().code == "usage.expect");
    expect(steps.error().message.starts_with("line "));
    return 0;
}
