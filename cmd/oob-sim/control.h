#pragma once

#include "cli/order.h"
#include "core/value.h"

#include <optional>
#include <string>
#include <vector>

namespace oob::sim {

/// What the command line says to a running fleet, still as text.
struct ControlOptions {
    std::optional<std::string> path;
    std::optional<std::string> since;
    bool clear = false;
    std::optional<std::string> drive;
    std::optional<std::string> bytes;
    bool no_digest = false;
    bool read_12 = false;
    std::optional<std::string> block;
    std::optional<std::string> text;
    std::optional<std::string> wait;
};

/// `ctl list`, `ctl get` and so on: each sends requests to the control socket and prints the
/// records of the answers. The options outlive the verbs.
std::vector<cli::Verb> control_verbs(ControlOptions& options);

/// "power=off" as a key and a value: a number, true, false, null or "text" as in JSON, else plain
/// text. Throws Failure usage.assignment.
Value::Member parse_assignment(const std::string& text);

}  // namespace oob::sim
