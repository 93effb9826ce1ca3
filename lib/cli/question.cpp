#include "cli/question.h"

#include "cli/app.h"
#include "core/text.h"
#include "report/person.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace oob::cli {

namespace {

constexpr std::size_t most_named = 3;

/// Two machines may be behind one name.
std::string unusual_port(const Target& target) {
    if (!target.port || target.port == usual_port(target.scheme)) return {};
    return ":" + std::to_string(*target.port);
}

std::vector<std::string> names_of(const std::vector<fleet::Work>& list) {
    std::vector<std::string> out;
    for (const auto& work : list)
        if (!work.passed_through) out.push_back(work.target.name + unusual_port(work.target));
    return out;
}

}  // namespace

std::string describe(const Order& order, const std::vector<fleet::Work>& list) {
    const std::vector<std::string> names = names_of(list);
    // "and 1 more" would be longer than the name.
    const std::size_t shown = names.size() <= most_named ? names.size() : most_named - 1;
    std::string out = order.deed;
    for (std::size_t i = 0; i < shown; ++i) {
        const bool last = i + 1 == shown && shown == names.size();
        out += join({i == 0 ? " " : last ? " and " : ", ", names[i]});
    }
    if (shown < names.size()) out += join({" and ", std::to_string(names.size() - shown), " more"});
    return out;
}

Result<bool> confirm(const Parsed& parsed, const Order& order,
                     const std::vector<fleet::Work>& list) {
    const Options& options = parsed.options;
    const std::size_t devices = names_of(list).size();
    const bool many = devices > 1;
    const std::string count = std::to_string(devices) + (many ? " devices" : " device");
    if (options.confirm && *options.confirm != devices)
        return std::unexpected(Error(Class::usage, "usage.confirm",
                                     "--confirm says " + std::to_string(*options.confirm) +
                                         (many ? ", but there are " : ", but there is ") + count,
                                     "look at the list with --dry-run"));
    const bool needed =
        order.effect == fleet::Effect::destroys || (order.effect == fleet::Effect::changes && many);
    if (!needed || devices == 0 || options.dry_run || options.confirm || options.yes) return true;
    const std::string what = describe(order, list);
    if (options.no_input || ::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0)
        return std::unexpected(Error(Class::usage, "usage.confirm",
                                     join({"this would ", what, ": ", count}),
                                     "add --yes, or --confirm " + std::to_string(devices)));
    report::ask(what + "? [y/N] ");
    std::string answer;
    std::getline(std::cin, answer);
    answer = lower(trim(answer));
    if (answer == "y" || answer == "yes") return true;
    if (!std::cin) report::tell("");
    return false;
}

}  // namespace oob::cli
