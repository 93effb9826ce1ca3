#include "cli/suggestions.h"

#include "core/text.h"

#include <algorithm>

namespace oob::cli {

namespace {

/// "'reset', 'cycle' or 'soft-reset'"
std::string one_of(const std::vector<std::string_view>& names) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool last = i + 1 == names.size();
        out += join({i == 0 ? "" : last ? " or " : ", ", "'", names[i], "'"});
    }
    return out;
}

/// The name of the first verb among the words behind the first one, or nothing. A word that only
/// follows an option may be its value, which a hint may get wrong.
std::string_view verb_behind(const Tool& tool, const std::vector<std::string>& words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string two = i + 1 < words.size() ? words[i] + " " + words[i + 1] : words[i];
        for (const std::string& name : {two, words[i]})
            for (const Verb& verb : tool.verbs)
                if (verb.name == name) return verb.name;
    }
    return {};
}

/// Options without their values: those may be what nobody should read.
std::string_view without_value(std::string_view option) {
    return option.substr(0, option.find('='));
}

std::string see(const Tool& tool, std::string_view verb) {
    return join({"see ", tool.name, " ", verb, verb.empty() ? "" : " ", "--help"});
}

}  // namespace

Suggestion unknown_verb(const Tool& tool, std::string_view name, std::string_view beginning,
                        const std::vector<std::string>& words) {
    const std::string message = join({"unknown verb '", name, "'"});
    const std::string key = lower(name);
    std::vector<std::string_view> names;
    std::vector<std::string_view> called_so;
    for (const Verb& verb : tool.verbs) {
        if (!verb.name.starts_with(beginning)) continue;
        names.emplace_back(verb.name);
        if (std::ranges::find(verb.also, key) != verb.also.end()) called_so.emplace_back(verb.name);
    }
    if (!called_so.empty()) return {message, join({"did you mean ", one_of(called_so), "?"})};
    if (const auto near = nearest(key, names); !near.empty())
        return {message, join({"did you mean ", one_of({near}), "?"})};
    if (const auto verb = verb_behind(tool, words); beginning.empty() && !verb.empty())
        return {message, join({"the verb comes first: ", tool.name, " ", verb, " ..."})};
    const std::string_view family =
        beginning.substr(0, beginning.empty() ? 0 : beginning.size() - 1);
    return {message, see(tool, family)};
}

Suggestion options_before_verb(const Tool& tool, const std::vector<std::string>& words) {
    const std::string_view option = without_value(words.front());
    const std::string message = join({"'", option, "' stands in front of the verb"});
    const auto verb = verb_behind(tool, words);
    if (verb.empty())
        return {message, join({"the verb comes first: ", tool.name, " VERB ", option, " ...; ",
                               see(tool, "")})};
    return {message, join({"the verb comes first: ", tool.name, " ", verb, " ", option, " ..."})};
}

Suggestion unknown_option(const Tool& tool, const Verb& verb, std::string_view word,
                          const std::vector<std::string>& known) {
    const std::string name(without_value(word));
    if (std::ranges::find(known, name) != known.end())
        return {join({"'", verb.name, "' takes no ", name, ": it has no effect there"}),
                see(tool, verb.name)};
    // One letter is near every other.
    const bool is_long = name.starts_with("--");
    const auto near = is_long
                          ? nearest(name, std::vector<std::string_view>(known.begin(), known.end()))
                          : std::string_view();
    return {"there is no option " + name,
            near.empty() ? see(tool, verb.name) : join({"did you mean ", near, "?"})};
}

}  // namespace oob::cli
