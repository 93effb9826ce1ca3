#pragma once

#include "core/value.h"

#include <string>
#include <vector>

namespace oob::sim {

/// Sends each request to the control socket at `path` and prints the records of the answers on
/// stdout, one a line, but not the closing ones. Throws Failure: connect.control when nobody
/// answers, or the error that the fleet gives back.
void control_fleet(const std::string& path, const std::vector<Value>& requests);

/// "power=off" as a key and a value: a number, true, false, null or "text" as in JSON, else plain
/// text. Throws Failure usage.assignment.
Value::Member parse_assignment(const std::string& text);

}  // namespace oob::sim
