#pragma once

#include "cli/order.h"

namespace oob::cli {

/// Carries out an order that works on targets, from the list of targets to the exit status. Both
/// outlive the call. Throws Failure for what ends the run before the first device.
int work(const Parsed& parsed, const Order& order);

}  // namespace oob::cli
