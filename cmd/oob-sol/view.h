#pragma once

#include "report/view.h"

namespace oob::sol {

/// What people see of a console that was logged: how much it said, and where that stands.
report::View log_view();
/// What people see of a script: whether it passed, and what it found.
report::View expect_view();

}  // namespace oob::sol
