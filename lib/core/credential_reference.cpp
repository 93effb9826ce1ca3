#include "core/credential_reference.h"

#include <algorithm>
#include <array>

namespace oob {

Result<void> check_credential_reference(std::string_view text) {
    constexpr std::array<std::string_view, 6> with_a_place{
        "file:", "fd:", "env:", "netrc:", "exec:", "systemd:"};
    const bool known = text == "ask" || text == "netrc" || text == "netrc:" ||
                       std::ranges::any_of(with_a_place, [&](std::string_view kind) {
                           return text.size() > kind.size() && text.starts_with(kind);
                       });
    if (known) return {};
    return std::unexpected(
        Error(Class::usage, "usage.credential", "this is no credential reference",
              "known are file:PATH fd:N env:NAME netrc[:PATH] exec:COMMAND systemd:NAME ask; "
              "a password itself is never an argument"));
}

}  // namespace oob
