#pragma once

#include "core/error.h"
#include "core/facts.h"
#include "core/value.h"

#include <chrono>
#include <optional>
#include <string>

namespace oob::report {

/// The record of one action on one device (contract, section 3).
struct Record {
    std::string tool;
    std::chrono::system_clock::time_point time;
    std::string target;
    std::string action;  ///< "power.on"
    bool ok = false;
    std::optional<bool> changed = false;  ///< nothing when the outcome is indeterminate
    bool verified = false;
    bool dry_run = false;
    bool skipped = false;    ///< it had failed before it came here, and was passed through
    bool duplicate = false;  ///< another device of the run has told the same identity
    Findings findings;
    Value before;  ///< the state, when the action has one
    Value after;
    Value data;  ///< what is special to the verb
    int attempts = 1;
    std::chrono::milliseconds duration{0};
    std::optional<Error> error;
};

/// The record as the contract writes it. Unknown is null.
Value to_value(const Record& record);
/// The same as JSON at the end of `out`, without a tree in between.
void append_json(std::string& out, const Record& record);

/// The last record of a run with --summary.
struct Summary {
    std::string tool;
    std::string action;
    std::size_t targets = 0;
    std::size_t ok = 0;
    std::size_t changed = 0;
    std::size_t failed = 0;
    std::size_t skipped = 0;            ///< a part of failed
    std::size_t not_started = 0;        ///< ok + failed + not_started = targets
    std::optional<std::size_t> silent;  ///< of a scan: addresses at which nobody is
    std::chrono::milliseconds duration{0};
    bool stopped_early = false;
    Value classes;  ///< how many failures of which class
};

Value to_value(const Summary& summary);

}  // namespace oob::report
