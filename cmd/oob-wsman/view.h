#pragma once

#include "report/view.h"

namespace oob::cmd {

/// What people see of a class: the properties of each instance under the device's row, nested ones
/// as JSON; of an instance that was changed those that differ.
report::View wsman_view();

}  // namespace oob::cmd
