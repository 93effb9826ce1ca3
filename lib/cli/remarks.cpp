#include "cli/remarks.h"

#include "cli/app.h"
#include "core/text.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace oob::cli {

namespace {

/// "amt://pc07, amt://pc08, amt://pc09 and 3 more"
std::string names_of(const std::vector<std::string>& targets) {
    constexpr std::size_t most_named = 3;
    std::string out;
    for (std::size_t i = 0; i < std::min(targets.size(), most_named); ++i)
        out += (i > 0 ? ", " : "") + targets[i];
    if (targets.size() <= most_named) return out;
    return join({out, " and ", std::to_string(targets.size() - most_named), " more"});
}

}  // namespace

void judge_exclusions(const Parsed& parsed, fleet::Effect effect,
                      const std::vector<Error>& without_effect) {
    for (const Error& each : without_effect) {
        if (effect != fleet::Effect::reads) fail(each);
        if (!parsed.options.quiet)
            say(*parsed.tool, join({"warning: ", each.message, "; ", each.hint}));
    }
}

void judge_targets(const Parsed& parsed, fleet::Effect effect, const fleet::OtherTargets& other) {
    const bool quiet = parsed.options.quiet;
    if (!other.added.empty()) {
        Error error(Class::usage, "usage.resume",
                    "the run that was interrupted was not for " + names_of(other.added),
                    "leave them out, or make a run of their own for them, with --journal and "
                    "another name");
        if (effect != fleet::Effect::reads) fail(std::move(error));
        if (!quiet) say(*parsed.tool, "warning: " + error.message);
    }
    if (!other.missing.empty() && !quiet)
        say(*parsed.tool, join({"warning: the run that was interrupted was also for ",
                                names_of(other.missing), ", left out now"}));
}

void warn_of_plaintext(const Parsed& parsed, const std::vector<fleet::Work>& list) {
    const Options& options = parsed.options;
    const auto plain = [](const fleet::Work& work) {
        return work.target.scheme == amt_plain_scheme;
    };
    if (options.quiet || list.empty() || !std::ranges::all_of(list, plain)) return;
    const std::array<std::pair<bool, const char*>, 3> given{
        {{options.tls_pin.has_value(), "--tls-pin"},
         {options.tls_ca.has_value(), "--tls-ca"},
         {options.tls_cert.has_value(), "--tls-cert"}}};
    for (const auto& [is_given, option] : given)
        if (is_given)
            say(*parsed.tool, join({"warning: ", option,
                                    " has no effect: no target is reached over TLS (amt://)"}));
}

}  // namespace oob::cli
