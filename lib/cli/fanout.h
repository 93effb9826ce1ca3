#pragma once

#include "cli/order.h"

#include <cstddef>

namespace oob::cli {

/// How many may be worked on at once: what the options say, as far as the descriptors of this
/// process go when each takes `each` of them. The soft limit is raised to the hard one first, and a
/// person is told when that is not enough.
std::size_t fitting_fanout(const Parsed& parsed, std::size_t each);

}  // namespace oob::cli
