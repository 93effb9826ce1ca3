#pragma once

#include "cli/order.h"

#include <string>
#include <string_view>

namespace oob::cli {

/// "oob-wsman get CLASS [OPTIONS] TARGET ...": how the verb is called.
std::string usage_of(const Tool& tool, const Verb& verb);

/// The list of the verbs whose name begins like that, each with what it does.
std::string list_verbs(const Tool& tool, std::string_view beginning);

/// What the tool is for, how it is called, and its verbs.
std::string short_help(const Tool& tool);

/// What --version prints.
std::string version_text(const Tool& tool);

}  // namespace oob::cli
