#pragma once

#include "cli/order.h"
#include "core/error.h"
#include "fleet/inventory.h"
#include "fleet/runner.h"

#include <string_view>
#include <vector>

namespace oob::cli {

/// The list of work: loads the configuration and inventories into `inventory`, spells the target
/// words out, reads standard input for "-", takes exclusions away and drops repetitions. Errors:
/// classes `usage` and `config`.
Result<std::vector<fleet::Work>> collect_work(const Parsed& parsed, fleet::Inventory& inventory);

/// One line of standard input or of an NDJSON inventory: a record of any oob tool, or a target.
/// Error: class `usage`.
Result<std::vector<fleet::Work>> work_of_line(std::string_view line,
                                              const fleet::Inventory& inventory,
                                              bool include_failed);

}  // namespace oob::cli
