#pragma once

#include "cli/order.h"
#include "plane/registry.h"

#include <cstdint>
#include <optional>
#include <string>

namespace oob::cmd {

/// What a plane needs to open the device of this attempt.
plane::Access access_for(fleet::Attempt& attempt, cli::Reach reach);

/// Opens the device of an attempt and asks who it is. With `changes`, stops before a change on the
/// wrong machine, as require_identity() does. The attempt outlives the device.
net::Task<plane::DevicePtr> open_identified(fleet::Attempt& attempt, cli::Reach reach,
                                            bool changes);

/// The same for a verb that stays with the device: within the attempt's limit, and cut off when the
/// run is to end. The attempt outlives the device.
net::Task<plane::DevicePtr> open_to_stay(fleet::Attempt& attempt, cli::Reach reach);

/// Before a change on a device: fails with class `identity` when it is not the machine that was
/// expected (identity.differs), was to be left alone (identity.excluded), or was met under another
/// name in this run (identity.duplicate); contract, section 2. Asks who it is where that matters
/// and is not known yet. All outlive the task.
net::Task<void> require_identity(plane::Device& device, fleet::Attempt& attempt,
                                 std::optional<std::string> expected_uuid);

/// After an opening that failed with consent.required: asks on the terminal for the code that the
/// host's screen shows now. Nothing for another error, or when nobody can be asked. Throws Failure
/// usage.consent_code.
std::optional<std::uint32_t> ask_consent_code(const Error& error, bool may_ask);

/// The six digits that --consent-code takes. Throws Failure usage.consent_code.
std::uint32_t parse_consent_code(const std::string& text);

}  // namespace oob::cmd
