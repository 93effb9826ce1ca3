#pragma once

#include "cli/app.h"
#include "plan.h"

namespace oob::discover {

cli::Verb probe_verb(Words& words);

/// Asks devices one by one everything that they tell without a login. `words` outlive the program.
cli::Program probe_program(cli::Tool tool, const Words& words);

}  // namespace oob::discover
