#pragma once

#include "cli/options.h"

namespace oob::discover {

/// Shows the TLS keys of devices and records those that are new in the known-devices file. Returns
/// the exit status. Throws Failure.
int trust(const cli::Tool& tool, const cli::Parsed& parsed);

}  // namespace oob::discover
