#pragma once

#include "report/view.h"

namespace oob::ider {

/// What people see of a loan: what the host read, and how it ended.
report::View loan_view();
/// What people see of a status: whether a disk can be lent, and whether somebody does.
report::View status_view();

}  // namespace oob::ider
