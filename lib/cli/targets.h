#pragma once

#include "cli/order.h"
#include "core/error.h"
#include "fleet/inventory.h"
#include "fleet/runner.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace oob::cli {

/// What a run has to do, and what it must leave alone.
struct Gathered {
    std::vector<fleet::Work> list;
    /// Who must not be changed, whatever target leads there: ids like a record's device.id.
    std::set<std::string> excluded_ids;
    /// Exclusions that took nothing away: each class `usage`, code `usage.exclude`.
    std::vector<Error> without_effect;
};

/// The list of work: spells the target words out, reads standard input for "-", takes exclusions
/// away and drops repetitions. Ways of targets that make no sense are found here, before the first
/// device. Errors: classes `usage` and `config`.
Result<Gathered> collect_work(const Parsed& parsed, const fleet::Inventory& inventory);

/// One entry of standard input or of an NDJSON inventory: a record of any oob tool, or a line with
/// a target and a comment behind a blank and `#`. Error: class `usage`.
Result<std::vector<fleet::Work>> work_of_line(std::string_view line,
                                              const fleet::Inventory& inventory,
                                              bool include_failed);

/// What a record says of its device, noted in the target: its name, where it was and who.
void note_told(const Value& record, Target& target);

/// Adds the configuration files and the inventories that the options name. Errors: class `config`
/// with file and line; `usage.inventory`.
Result<void> load_configuration(const Options& options, fleet::Inventory& inventory);

}  // namespace oob::cli
