#pragma once

#include "core/secret.h"

#include <optional>
#include <string>

namespace oob::cli {

/// Asks on the controlling terminal, not on standard input, and waits for one line, which may be
/// empty. Nothing when there is no terminal, or the line is longer than a password can be. With
/// `echo` the answer is seen while it is typed.
std::optional<Secret> ask_on_terminal(const std::string& prompt, bool echo);

}  // namespace oob::cli
