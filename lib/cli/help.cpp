#include "cli/help.h"

#include "core/text.h"

#include <algorithm>

namespace oob::cli {

namespace {

bool takes_targets(const Tool& tool) {
    return std::ranges::any_of(tool.verbs,
                               [](const Verb& verb) { return verb.takes.has(Group::targets); });
}

}  // namespace

std::string usage_of(const Tool& tool, const Verb& verb) {
    std::string out = tool.name + " " + verb.name;
    for (const auto& argument : verb.arguments) out += " " + argument;
    if (verb.pairs) out += " [KEY=VALUE ...]";
    return join({out, " [OPTIONS]", verb.behind.empty() ? "" : " ", verb.behind});
}

std::string list_verbs(const Tool& tool, std::string_view beginning) {
    std::size_t widest = 0;
    for (const auto& verb : tool.verbs) widest = std::max(widest, verb.name.size());
    std::string out = "Verbs:\n";
    for (const auto& verb : tool.verbs)
        if (verb.name.starts_with(beginning))
            out += join({"  ", verb.name, std::string(widest - verb.name.size() + 2, ' '),
                         verb.summary, " (", word(verb.effect), ")\n"});
    return out;
}

std::string short_help(const Tool& tool) {
    const bool targets = takes_targets(tool);
    return join({tool.name, " - ", tool.summary, "\n\nUsage: ", tool.name, " VERB [OPTIONS]",
                 targets ? " TARGET ..." : "", "\n\n", list_verbs(tool, ""),
                 targets ? "\nTargets: a name, amt://HOST[:PORT], amt+tcp://HOST, pc[01-40], "
                           "10.0.0.0/24, @GROUP, or - for standard input."
                         : "",
                 "\nSee '", tool.name, " VERB --help' for the options, and 'man ", tool.name,
                 "'.\n"});
}

std::string version_text(const Tool& tool) {
    return join({tool.name, " ", OOB_VERSION, "\nschema oob/1; ", tool.protocols, "\n"});
}

}  // namespace oob::cli
