#pragma once

#include "core/bytes.h"
#include "core/text.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace oob::test {

/// Bytes as the references write them: hex digits, spaces where they help.
inline Bytes hex(std::string_view text) {
    std::string digits(text);
    std::erase(digits, ' ');
    return parse_hex(digits).value();
}

}  // namespace oob::test
