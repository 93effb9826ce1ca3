#pragma once

#include "codec/wsman/schema.h"
#include "core/error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace oob::codec::wsman {

/// Numbers and what they are called.
struct ValueTable {
    std::string name;
    std::vector<std::pair<std::uint32_t, std::string>> values;
};

/// Everything that schema.mof says.
struct Catalogue {
    std::vector<ClassSchema> classes;  ///< sorted by name
    std::vector<ValueTable> tables;
};

/// Reads the language that schema.mof explains at its top. Tables stand before the methods that
/// name them, classes in any order. Error: class `internal`, code `internal.schema`, with the line.
Result<Catalogue> parse_schema(std::string_view text);

}  // namespace oob::codec::wsman
