#pragma once

#include "cli/order.h"

#include <string>
#include <string_view>
#include <vector>

namespace oob::cli {

/// What is wrong with a command line, and what was most likely meant.
struct Suggestion {
    std::string message;
    std::string hint;
};

/// For a word that is no verb, or two of which the first alone means nothing: a verb that other
/// programs call so, one that is written almost so, or the verb that stands behind it. Of verbs
/// whose names begin with `beginning` ("alarm ") only. `words` are those of the command line.
Suggestion unknown_verb(const Tool& tool, std::string_view name, std::string_view beginning,
                        const std::vector<std::string>& words);

/// For options in front of the verb, which comes first.
Suggestion options_before_verb(const Tool& tool, const std::vector<std::string>& words);

/// For an option that the verb does not take: whether any verb has it, `known`, or which is near.
Suggestion unknown_option(const Tool& tool, const Verb& verb, std::string_view word,
                          const std::vector<std::string>& known);

}  // namespace oob::cli
