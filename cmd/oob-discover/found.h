#pragma once

#include "core/facts.h"
#include "net/datagram.h"
#include "plan.h"
#include "plane/discovery/sighting.h"
#include "report/view.h"

#include <string>

namespace oob::discover {

/// Where the other tools would find the device. One whose kind is not known is named by its host
/// alone.
std::string target_of(const plane::discovery::Sighting& sighting, std::string host,
                      const Plan& plan);

/// What the sighting tells of the device.
DeviceFacts facts_of(const plane::discovery::Sighting& sighting, std::string name,
                     std::string address);

/// What people see of a scan: a row for each address, its services in the last column.
report::View scan_view();
/// What people see of a device that was asked everything: its services under the row.
report::View probe_view();

}  // namespace oob::discover
