#include "cli/help.h"

#include "core/text.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <span>

namespace oob::cli {

namespace {

constexpr std::size_t widest_help = 80;
constexpr std::size_t narrowest_help = 20;
/// Where the texts of options stand, on terminals that have the columns for two.
constexpr std::size_t text_column = 26;
constexpr std::size_t narrow_text_column = 6;
constexpr std::size_t least_for_two_columns = 60;
constexpr std::size_t best_examples = 2;

/// The text from `column` of the current line on, with later lines indented by `indent`. Words are
/// never cut; one that is longer than a line has one of its own. Ends with a newline.
std::string wrapped(std::string_view text, std::size_t column, std::size_t indent,
                    std::size_t width) {
    std::string out;
    bool first = true;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (!first && column + 1 + word.size() > width) {
            out += '\n' + std::string(indent, ' ');
            column = indent;
        } else if (!first) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        first = false;
    }
    return out + '\n';
}

/// "  NAME   what it is", with the second column where it is said to stand.
std::string row(const std::string& name, const std::string& text, std::size_t column,
                std::size_t width) {
    std::string out = "  " + name;
    if (out.size() + 2 > column)
        out += '\n' + std::string(column, ' ');
    else
        out.resize(column, ' ');
    return out + wrapped(text, column, column, width);
}

bool takes_targets(const Tool& tool) {
    return std::ranges::any_of(tool.verbs,
                               [](const Verb& verb) { return verb.takes.has(Group::targets); });
}

/// Commands stand as they are typed: they are never wrapped.
std::string list_examples(std::span<const std::string> examples) {
    if (examples.empty()) return {};
    std::string out = "\nExamples:\n";
    for (const std::string& example : examples) {
        out += "  ";
        for (const char c : example) out += c == '\n' ? std::string("\n  ") : std::string(1, c);
        out += '\n';
    }
    return out;
}

/// The headings, in the order of the options; help comes last.
std::vector<std::string> groups_of(const std::vector<HelpOption>& options) {
    std::vector<std::string> out;
    for (const HelpOption& option : options)
        if (option.group != help_group && std::ranges::find(out, option.group) == out.end())
            out.push_back(option.group);
    out.emplace_back(help_group);
    return out;
}

std::string list_options(const std::vector<HelpOption>& options, const std::string& group,
                         std::size_t width) {
    const std::size_t column = width < least_for_two_columns ? narrow_text_column : text_column;
    std::string out;
    for (const HelpOption& option : options)
        if (option.group == group)
            out += row(join({option.names, option.value.empty() ? "" : " ", option.value}),
                       option.text, column, width);
    return out.empty() ? out : join({"\n", group, ":\n", out});
}

/// "-u -c (login)": the shortest name of each.
std::string names_of(const std::vector<HelpOption>& options, const std::string& group) {
    std::string out;
    for (const HelpOption& option : options)
        if (option.group == group)
            out += join({out.empty() ? "" : " ", option.names.substr(0, option.names.find(','))});
    std::string purpose = group;
    purpose.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(purpose.front())));
    return join({out, " (", purpose, ")"});
}

/// The options that are not the verb's own, by name; how to get help is known already.
std::string list_names(const Tool& tool, const Verb& verb, const std::vector<HelpOption>& options,
                       std::size_t width) {
    std::string out;
    for (const std::string& group : groups_of(options))
        if (group != own_group && group != help_group)
            out += join({out.empty() ? "" : "; ", names_of(options, group)});
    if (out.empty()) return {};
    out += join({". See ", tool.name, " ", verb.name, " --help."});
    return "\nAlso: " + wrapped(out, 6, 2, width);
}

/// "boot show, boot clear": verbs behind the same first word.
std::string related(const Tool& tool, const Verb& verb) {
    std::string out;
    for (const Verb& other : tool.verbs)
        if (other.name.starts_with(verb.name + " "))
            out += join({out.empty() ? "" : ", ", other.name});
    return out.empty() ? out : join({" See also ", out, "."});
}

/// How the verb is called, and what it does.
std::string beginning(const Tool& tool, const Verb& verb, std::size_t width) {
    std::string summary = verb.summary;
    if (!summary.empty())
        summary.front() =
            static_cast<char>(std::toupper(static_cast<unsigned char>(summary.front())));
    return join({"Usage: ", wrapped(usage_of(tool, verb), 7, 7, width), "\n",
                 wrapped(join({summary, ". This verb ", word(verb.effect), ".",
                               verb.notes.empty() ? "" : " ", verb.notes, related(tool, verb)}),
                         0, 0, width)});
}

/// What the tool is for, and how it is called.
std::string beginning(const Tool& tool, std::size_t width) {
    const std::string usage =
        join({tool.name, " VERB [OPTIONS]", takes_targets(tool) ? " TARGET ..." : ""});
    return join({wrapped(join({tool.name, " - ", tool.summary}), 0, 2, width),
                 "Usage: ", wrapped(usage, 7, 7, width), "\n", list_verbs(tool, "", width)});
}

}  // namespace

std::size_t help_width() {
    winsize size{};
    if (::isatty(STDOUT_FILENO) == 0 || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 ||
        size.ws_col == 0)
        return widest_help;
    return std::clamp<std::size_t>(size.ws_col, narrowest_help, widest_help);
}

std::string usage_of(const Tool& tool, const Verb& verb) {
    std::string out = tool.name + " " + verb.name;
    for (const auto& argument : verb.arguments) out += " " + argument;
    if (verb.pairs) out += " [KEY=VALUE ...]";
    return join({out, " [OPTIONS]", verb.behind.empty() ? "" : " ", verb.behind});
}

std::string list_verbs(const Tool& tool, std::string_view beginning, std::size_t width) {
    std::size_t widest = 0;
    for (const auto& verb : tool.verbs) widest = std::max(widest, verb.name.size());
    const std::size_t column = width < least_for_two_columns ? narrow_text_column : widest + 4;
    std::string out = "Verbs:\n";
    for (const auto& verb : tool.verbs)
        if (verb.name.starts_with(beginning))
            out +=
                row(verb.name, join({verb.summary, " (", word(verb.effect), ")"}), column, width);
    return out;
}

std::string short_help(const Tool& tool, std::size_t width) {
    const std::span all(tool.examples);
    return join(
        {beginning(tool, width), list_examples(all.first(std::min(best_examples, all.size()))),
         "\n",
         wrapped(join({"See ", tool.name, " VERB -h for a verb, ", tool.name, " --help for more."}),
                 0, 0, width)});
}

std::string long_help(const Tool& tool, std::size_t width) {
    std::string targets;
    if (takes_targets(tool))
        targets = "\n" + wrapped(
                             "Targets: a name, amt://HOST[:PORT], amt+tcp://HOST, pc[01-40], "
                             "10.0.0.0/24, @GROUP, or - for standard input.",
                             0, 2, width);
    return join({beginning(tool, width), targets, list_examples(tool.examples), "\n",
                 wrapped(join({"See ", tool.name,
                               " VERB --help for the options of a verb, and man ", tool.name, "."}),
                         0, 0, width)});
}

std::string short_help(const Tool& tool, const Verb& verb, const std::vector<HelpOption>& options,
                       std::size_t width) {
    return join({beginning(tool, verb, width), list_options(options, own_group, width),
                 list_examples(verb.examples), list_names(tool, verb, options, width)});
}

std::string long_help(const Tool& tool, const Verb& verb, const std::vector<HelpOption>& options,
                      std::size_t width) {
    std::string out = beginning(tool, verb, width);
    for (const std::string& group : groups_of(options)) out += list_options(options, group, width);
    return out + list_examples(verb.examples);
}

std::string version_text(const Tool& tool) {
    return join({tool.name, " ", OOB_VERSION, "\nschema oob/1; ", tool.protocols, "\n"});
}

}  // namespace oob::cli
