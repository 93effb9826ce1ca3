#pragma once

#include "cli/order.h"
#include "plan.h"

namespace oob::discover {

/// Asks all addresses and prints a record for each that answers. `words` outlive the verb.
cli::Verb scan_verb(Words& words);

}  // namespace oob::discover
