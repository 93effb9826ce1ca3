#pragma once

#include "cli/options.h"
#include "core/error.h"
#include "fleet/settings.h"

namespace oob::cli {

/// What the OOB_* variables say, where no option said anything and the verb takes the options that
/// they stand for; an empty variable says nothing. Error: class `usage`, code `usage.environment`,
/// with the variable's name and, unless it may be a secret, its value.
Result<void> apply_environment(Options& options, Groups taken);

/// What [defaults] of the configuration say about the whole run, where neither an option nor a
/// variable did. Error: class `config`, code `config.toml`.
Result<void> apply_defaults(Options& options, const fleet::Settings& defaults);

}  // namespace oob::cli
