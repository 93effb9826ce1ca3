#pragma once

#include "core/error.h"
#include "net/endpoint.h"

#include <string>

namespace oob::net {

/// Judges a source address (--bind) before anything is sent from it: it has to be an address of
/// this machine, and of the family that is wanted. Errors: class `usage`, code `usage.bind`; those
/// of a machine that is short of descriptors.
Result<void> check_source(const std::string& text, Family family);

/// Whether a connection from this source to that host can be: only an address of the other family
/// rules it out. Error: class `usage`, code `usage.bind`.
Result<void> check_source_for(const std::string& source, const std::string& host);

}  // namespace oob::net
