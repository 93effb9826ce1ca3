#pragma once

#include "cli/app.h"

namespace oob::discover {

cli::Verb trust_verb();

/// Shows the TLS keys of devices and records those that are new in the known-devices file.
cli::Program trust_program(cli::Tool tool);

}  // namespace oob::discover
