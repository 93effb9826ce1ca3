#pragma once

#include "core/error.h"

#include <string_view>

namespace oob {

/// Whether a text says where a password is: `file:PATH`, `fd:N`, `env:NAME`, `netrc[:PATH]`,
/// `exec:COMMAND`, `systemd:NAME`, `ask` (contract, section 1). Error: class `usage`, code
/// `usage.credential`, which does not repeat the text: it may be a password itself.
Result<void> check_credential_reference(std::string_view text);

}  // namespace oob
