#include "cli/values.h"

#include "core/error.h"
#include "core/text.h"

namespace oob::cli {

std::uint64_t number(const std::optional<std::string>& text, const char* option,
                     std::uint64_t least, std::uint64_t most, std::uint64_t usual) {
    if (!text) return usual;
    const auto out = parse_unsigned(*text);
    if (out && *out >= least && *out <= most) return *out;
    fail(Class::usage, "usage.number", join({option, " cannot be ", *text}),
         join({"a number from ", std::to_string(least), " to ", std::to_string(most)}));
}

std::optional<std::chrono::milliseconds> duration(const std::optional<std::string>& text,
                                                  const char* option) {
    if (!text) return std::nullopt;
    const auto out = parse_duration(*text);
    if (!out)
        fail(Class::usage, "usage.duration", join({option, " is no duration: ", *text}),
             "500ms, 3s, 2m, 1h or 7d");
    return out;
}

}  // namespace oob::cli
