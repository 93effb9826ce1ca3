#include "cli/parse.h"

#include "cli/environment.h"
#include "cli/help.h"
#include "cli/suggestions.h"
#include "core/text.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cctype>
#include <iterator>

namespace oob::cli {

namespace {

using Words = std::vector<std::string>;

/// "k=v" with a property name in front; a URL with a query is none.
std::optional<std::pair<std::string, std::string>> as_pair(const std::string& text) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) return std::nullopt;
    const auto key = std::string_view(text).substr(0, equals);
    const bool name = std::ranges::all_of(key, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '[' || c == ']';
    });
    if (!name) return std::nullopt;
    return std::pair{std::string(key), text.substr(equals + 1)};
}

bool is_digit_option(const std::string& word) {
    return word.size() == 2 && word[0] == '-' && std::isdigit(static_cast<unsigned char>(word[1]));
}

/// Deals the words out: arguments, pairs, targets. Returns what is wrong with them.
std::optional<std::string> deal(const Words& words, Parsed& parsed) {
    const Verb& verb = *parsed.verb;
    for (const auto& text : words) {
        if (parsed.arguments.size() < verb.arguments.size()) {
            parsed.arguments.push_back(text);
            continue;
        }
        if (const auto pair = as_pair(text); verb.pairs && pair)
            parsed.pairs.push_back(*pair);
        else
            parsed.targets.push_back(text);
    }
    if (parsed.arguments.size() < verb.arguments.size())
        return verb.arguments[parsed.arguments.size()] + " is missing";
    if (verb.behind.empty() && !parsed.targets.empty())
        return "there is nothing to do with '" + parsed.targets.front() + "'";
    return std::nullopt;
}

/// "-u, --user": the names of an option.
std::string names_of(const CLI::Option& option) {
    std::string out;
    for (const auto& name : option.get_snames()) out += join({out.empty() ? "" : ", ", "-", name});
    for (const auto& name : option.get_lnames()) out += join({out.empty() ? "" : ", ", "--", name});
    return out;
}

/// "KIND" of "KIND:{auto,none,ndjson}".
std::string value_of(const CLI::Option& option) {
    if (option.get_type_size() == 0) return {};
    const std::string name = option.get_type_name();
    return name.substr(0, name.find(":{"));
}

/// What a parser takes, as help shows it.
std::vector<HelpOption> described(const CLI::App& app) {
    std::vector<HelpOption> out;
    for (const CLI::Option* option : app.get_options())
        if (!option->get_group().empty())
            out.push_back({.names = names_of(*option),
                           .value = value_of(*option),
                           .text = option->get_description(),
                           .group = option->get_group()});
    return out;
}

/// "help VERB" is "VERB --help".
void turn_help_round(Words& words) {
    if (words.size() < 2 || words.front() != "help") return;
    words.erase(words.begin());
    words.emplace_back("--help");
}

Finished usage_error(const Tool& tool, const std::string& why, const std::string& hint) {
    return {join({tool.name, ": ", harmless(why), "\nhint: ", harmless(hint), "\n"}), 2};
}

Finished usage_error(const Tool& tool, const Suggestion& suggestion) {
    return usage_error(tool, suggestion.message, suggestion.hint);
}

const Verb* verb_named(const Tool& tool, const std::string& name) {
    const auto found = std::ranges::find(tool.verbs, name, &Verb::name);
    return found == tool.verbs.end() ? nullptr : &*found;
}

bool wants_help(const Words& words) {
    return std::ranges::any_of(
        words, [](const std::string& each) { return each == "-h" || each == "--help"; });
}

/// Where the second word of a verb's name stands. Options may stand in front of it; what stands
/// behind one may be its value, so that is looked at last.
Words::iterator second_word(const Tool& tool, Words& words) {
    for (const bool values : {false, true})
        for (auto at = words.begin() + 1; at != words.end(); ++at) {
            const bool value = at != words.begin() + 1 && std::prev(at)->starts_with("-");
            if (value == values && verb_named(tool, join({words.front(), " ", *at}))) return at;
        }
    return words.end();
}

/// Takes the verb out of the words: its name is the first one, or the first and the second, with
/// options between them where no verb is called by the first word alone.
const Verb* take_verb(const Tool& tool, Words& words) {
    if (words.empty()) return nullptr;
    const Verb* alone = verb_named(tool, words.front());
    const auto second = second_word(tool, words);
    if (second == words.end() || (alone && second != words.begin() + 1)) {
        if (alone) words.erase(words.begin());
        return alone;
    }
    const Verb* verb = verb_named(tool, join({words.front(), " ", *second}));
    words.erase(second);
    words.erase(words.begin());
    return verb;
}

Finished no_verb(const Tool& tool, const Words& words) {
    if (words.empty()) return {short_help(tool, help_width()), 2};
    if (words.front().starts_with('-')) return usage_error(tool, options_before_verb(tool, words));
    const std::string family = words.front() + " ";
    const bool known = std::ranges::any_of(
        tool.verbs, [&](const Verb& verb) { return verb.name.starts_with(family); });
    if (!known) return usage_error(tool, unknown_verb(tool, words.front(), "", words));
    if (wants_help(words))
        return {join({"Usage: ", tool.name, " ", family, "VERB [OPTIONS]\n\n",
                      list_verbs(tool, family, help_width())}),
                0};
    if (words.size() > 1 && !words[1].starts_with('-'))
        return usage_error(tool, unknown_verb(tool, family + words[1], family, words));
    return usage_error(tool, "which verb of " + words.front() + "?",
                       join({"see ", tool.name, " ", family, "--help"}));
}

void add_names(const CLI::App& app, Words& out) {
    for (const auto* option : app.get_options()) {
        for (const auto& name : option->get_lnames()) out.push_back("--" + name);
        for (const auto& name : option->get_snames()) out.push_back("-" + name);
    }
}

/// Every long and short option of the tool, whichever verb takes it.
Words every_option(const Tool& tool) {
    Words out;
    for (const auto& verb : tool.verbs) {
        Options options;
        CLI::App app;
        add_groups(app, verb.groups(), options);
        add_own(app, verb.options);
        add_names(app, out);
    }
    return out;
}

/// Those, and the options that the same letters have in every tool: none of them is a slip.
Words options_of_all(const Tool& tool) {
    Words out = every_option(tool);
    Options options;
    CLI::App app;
    add_groups(app, every_group, options);
    add_names(app, out);
    return out;
}

}  // namespace

std::expected<Parsed, Finished> parse(const Tool& tool, int argc, const char* const* argv) {
    Words words(argv + std::min(argc, 1), argv + argc);
    turn_help_round(words);
    const std::string first = words.empty() ? std::string() : words.front();
    if (first == "--version") return std::unexpected(Finished{version_text(tool), 0});
    if (first == "-h") return std::unexpected(Finished{short_help(tool, help_width()), 0});
    if (first == "--help" || first == "help")
        return std::unexpected(Finished{long_help(tool, help_width()), 0});
    Parsed parsed;
    parsed.tool = &tool;
    parsed.verb = take_verb(tool, words);
    if (!parsed.verb) return std::unexpected(no_verb(tool, words));
    const Verb& verb = *parsed.verb;

    Words behind;
    CLI::App app;
    app.name(tool.name + " " + verb.name);
    app.set_help_flag("-h", "this verb's own options and examples")->group(help_group);
    app.set_help_all_flag("--help", "every option")->group(help_group);
    bool version = false;
    app.add_flag("--version", version, "version, with the protocols built in")->group(help_group);
    app.add_option("TARGET", behind, "arguments and targets; - reads targets from standard input")
        ->group("");
    add_own(app, verb.options);
    add_groups(app, verb.groups(), parsed.options);
    try {
        std::ranges::reverse(words);  // CLI11 takes them from the end
        app.parse(words);
    } catch (const CLI::CallForHelp&) {
        return std::unexpected(Finished{short_help(tool, verb, described(app), help_width()), 0});
    } catch (const CLI::CallForAllHelp&) {
        return std::unexpected(Finished{long_help(tool, verb, described(app), help_width()), 0});
    } catch (const CLI::ExtrasError&) {
        return std::unexpected(usage_error(
            tool, unknown_option(tool, verb, app.remaining().front(), options_of_all(tool))));
    } catch (const CLI::ParseError& error) {
        return std::unexpected(
            usage_error(tool, error.what(), "see " + tool.name + " " + verb.name + " --help"));
    }
    if (version) return std::unexpected(Finished{version_text(tool), 0});
    // Where no option is a digit, the parser takes -4 for a number.
    if (const auto digit = std::ranges::find_if(behind, is_digit_option); digit != behind.end())
        return std::unexpected(
            usage_error(tool, unknown_option(tool, verb, *digit, options_of_all(tool))));
    if (const auto wrong = deal(behind, parsed))
        return std::unexpected(usage_error(tool, *wrong, "usage: " + usage_of(tool, verb)));
    if (const auto applied = apply_environment(parsed.options, verb.groups()); !applied)
        return std::unexpected(usage_error(tool, applied.error().message, applied.error().hint));
    return parsed;
}

std::vector<std::string> words_of(const Tool& tool) {
    Words out = every_option(tool);
    for (const auto& verb : tool.verbs) out.push_back(verb.name);
    std::ranges::sort(out);
    out.erase(std::ranges::unique(out).begin(), out.end());
    return out;
}

}  // namespace oob::cli
