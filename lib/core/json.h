#pragma once

#include "core/error.h"
#include "core/value.h"

#include <string>
#include <string_view>

namespace oob {

/// The value as JSON on one line; bytes that are no UTF-8 become the replacement character.
std::string to_json(const Value& value);

/// Reads JSON text. Error: class `usage`, code `usage.json`, with the place. Deeper than 64 levels
/// is refused.
Result<Value> parse_json(std::string_view text);

}  // namespace oob
