#pragma once

#include "cli/app.h"
#include "plane/registry.h"

#include <cstdint>
#include <optional>
#include <string>

namespace oob::cmd {

/// What a plane needs to open the device of this attempt.
plane::Access access_for(fleet::Attempt& attempt, cli::Reach reach);

/// Stops before a change on the wrong machine: when an identity is expected, reads it again and
/// fails with class `identity`, code `identity.differs`, if it is another (contract, section 2).
/// `device` and `findings` outlive the task.
net::Task<void> require_identity(plane::Device& device, const Findings& findings,
                                 std::optional<std::string> expected_uuid);

/// After an opening that failed with consent.required: asks on the terminal for the code that the
/// host's screen shows now. Nothing for another error, or when nobody can be asked. Throws Failure
/// usage.consent_code.
std::optional<std::uint32_t> ask_consent_code(const Error& error, bool may_ask);

/// The six digits that --consent-code takes. Throws Failure usage.consent_code.
std::uint32_t parse_consent_code(const std::string& text);

}  // namespace oob::cmd
