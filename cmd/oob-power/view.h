#pragma once

#include "report/view.h"

namespace oob::power {

/// What people see of each verb: the power and the result, and what the next start will do or the
/// alarms where that was asked for.
report::View power_view();
report::View boot_view();
/// The same, with what is set and what the host can start from under each row.
report::View boot_show_view();
report::View alarm_view();

}  // namespace oob::power
