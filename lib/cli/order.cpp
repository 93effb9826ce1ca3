#include "cli/order.h"

#include "core/text.h"

#include <algorithm>

namespace oob::cli {

namespace {

/// Values of a verb's own options included, targets left out.
std::vector<std::string> words_of_work(const Parsed& parsed) {
    std::vector<std::string> out = parsed.arguments;
    for (const auto& [key, value] : parsed.pairs) out.push_back(join({key, "=", value}));
    for (const auto& option : parsed.verb->options) {
        if (option.flag && *option.flag) out.push_back(option.name);
        if (option.text && *option.text) out.push_back(join({option.name, "=", **option.text}));
        if (!option.list) continue;
        for (const auto& value : *option.list) out.push_back(join({option.name, "=", value}));
    }
    return out;
}

}  // namespace

bool Verb::may_change() const {
    return effect != fleet::Effect::reads ||
           std::ranges::any_of(options, [](const ToolOption& option) {
               return option.effect != fleet::Effect::reads;
           });
}

Order begin_order(const Parsed& parsed) {
    const Verb& verb = *parsed.verb;
    Order out;
    out.effect = verb.effect;
    for (const ToolOption& option : verb.options)
        if (option.given()) out.effect = std::max(out.effect, option.effect);
    out.action = join({parsed.tool->name.substr(4), ".", verb.name});
    std::ranges::replace(out.action, ' ', '_');
    out.deed = verb.name;
    out.words = words_of_work(parsed);
    return out;
}

std::string deed_with_options(const Parsed& parsed, std::string before, std::string after) {
    std::string given;
    for (const ToolOption& option : parsed.verb->options) {
        if (!option.given() || option.effect == fleet::Effect::reads) continue;
        given += join({given.empty() ? " (" : " ", option.name});
        if (option.text) given += join({" ", **option.text});
    }
    if (!given.empty()) given += ")";
    return join({before, given, after.empty() ? "" : " ", after});
}

}  // namespace oob::cli
