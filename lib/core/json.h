#pragma once

#include "core/error.h"
#include "core/value.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace oob {

/// The value as JSON on one line; bytes that are no UTF-8 become the replacement character.
std::string to_json(const Value& value);
/// The same at the end of a text that is there already; for what is written by the hundred
/// thousand.
void append_json(std::string& out, const Value& value);
void append_json(std::string& out, std::string_view text);
void append_json(std::string& out, std::int64_t number);

/// Reads JSON text. Error: class `usage`, code `usage.json`, with the place. Deeper than 64 levels
/// is refused.
Result<Value> parse_json(std::string_view text);

}  // namespace oob
