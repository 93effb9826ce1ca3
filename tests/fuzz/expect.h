#pragma once

#include "core/bytes.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <source_location>
#include <span>
#include <string_view>

namespace oob::fuzz {

/// What is true for any input; ends the program where it is not, and says where that stands.
inline void expect(bool true_for_any_input,
                   std::source_location here = std::source_location::current()) {
    if (true_for_any_input) return;
    std::fprintf(stderr, "%s:%u: this is not so\n", here.file_name(), here.line());
    std::abort();
}

inline View view_of(const std::uint8_t* data, std::size_t size) {
    return std::as_bytes(std::span(data, size));
}
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return as_text(view_of(data, size));
}

/// The line at the beginning of `rest`, which loses it.
inline std::string_view take_line(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return line;
}

}  // namespace oob::fuzz
