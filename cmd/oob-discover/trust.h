#pragma once

#include "cli/order.h"

namespace oob::discover {

/// Shows the TLS keys of devices and records those that are new in the known-devices file.
cli::Verb trust_verb();

}  // namespace oob::discover
