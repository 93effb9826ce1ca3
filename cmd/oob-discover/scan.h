#pragma once

#include "cli/options.h"
#include "plan.h"

namespace oob::discover {

cli::Verb scan_verb(Words& words);

/// Asks all addresses and prints a record for each that answers. Returns the exit status. Throws
/// Failure.
int scan(const cli::Tool& tool, const cli::Parsed& parsed, const Words& words);

}  // namespace oob::discover
