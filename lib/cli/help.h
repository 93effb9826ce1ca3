#pragma once

#include "cli/order.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace oob::cli {

/// An option as help shows it.
struct HelpOption {
    std::string names;  ///< "-u, --user"
    std::string value;  ///< "NAME"; empty for a flag
    std::string text;   ///< what it does
    std::string group;  ///< the heading that it stands below
};

/// The heading of the options that show help; it comes last.
inline constexpr const char* help_group = "Help";

/// The columns that help may use: those of the terminal on standard output, at most 80.
std::size_t help_width();

/// "oob-wsman get CLASS [OPTIONS] TARGET ...": how the verb is called.
std::string usage_of(const Tool& tool, const Verb& verb);

/// The list of the verbs whose name begins like that, each with what it does.
std::string list_verbs(const Tool& tool, std::string_view beginning, std::size_t width);

/// -h of a tool: what it is for, how it is called, its verbs, and its best examples.
std::string short_help(const Tool& tool, std::size_t width);
/// --help of a tool: with all of its examples, and what targets look like.
std::string long_help(const Tool& tool, std::size_t width);

/// -h of a verb, for one screen: its own options and examples; the others by name.
std::string short_help(const Tool& tool, const Verb& verb, const std::vector<HelpOption>& options,
                       std::size_t width);
/// --help of a verb: every option with what it does.
std::string long_help(const Tool& tool, const Verb& verb, const std::vector<HelpOption>& options,
                      std::size_t width);

/// What --version prints.
std::string version_text(const Tool& tool);

}  // namespace oob::cli
