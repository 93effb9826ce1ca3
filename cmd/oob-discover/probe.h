#pragma once

#include "cli/order.h"
#include "plan.h"

namespace oob::discover {

/// Asks devices one by one everything that they tell without a login. `words` outlive the verb.
cli::Verb probe_verb(Words& words);

}  // namespace oob::discover
