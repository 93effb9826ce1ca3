#pragma once

#include "cli/order.h"
#include "fleet/journal.h"
#include "fleet/runner.h"

#include <vector>

namespace oob::cli {

/// Whoever spares a machine that is not there may have meant one that is: an error for an order
/// that changes something (thrown as Failure), else a warning. Nothing of the latter with -q.
void judge_exclusions(const Parsed& parsed, fleet::Effect effect,
                      const std::vector<Error>& without_effect);

/// What a person has to hear of targets that are not those of the run that is gone on with: of
/// those that are left out, and of new ones, which are an error for an order that changes something
/// (class `usage`, code `usage.resume`, thrown as Failure). Nothing with -q.
void judge_targets(const Parsed& parsed, fleet::Effect effect, const fleet::OtherTargets& other);

/// A pin or a certificate that nobody will look at is worth a word: options for TLS where no target
/// is reached over it. Nothing with -q.
void warn_of_plaintext(const Parsed& parsed, const std::vector<fleet::Work>& list);

}  // namespace oob::cli
