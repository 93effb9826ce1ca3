#pragma once

#include "cli/order.h"
#include "fleet/runner.h"

#include <string>
#include <vector>

namespace oob::cli {

/// "reset pc07, pc08 and 3 more": what will happen, and to which machines.
std::string describe(const Order& order, const std::vector<fleet::Work>& list);

/// Whether an order may be carried out on these devices: asks, where a person has to be asked and
/// can be (contract, section 1). False: the person said no. Error: usage.confirm.
Result<bool> confirm(const Parsed& parsed, const Order& order,
                     const std::vector<fleet::Work>& list);

}  // namespace oob::cli
