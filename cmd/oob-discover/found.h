#pragma once

#include "core/facts.h"
#include "net/datagram.h"
#include "plan.h"
#include "plane/discovery/sighting.h"
#include "report/table.h"

#include <string>
#include <vector>

namespace oob::discover {

/// Where the other tools would find the device. One whose kind is not known is named by its host
/// alone.
std::string target_of(const plane::discovery::Sighting& sighting, std::string host,
                      const Plan& plan);

/// What the sighting tells of the device.
DeviceFacts facts_of(const plane::discovery::Sighting& sighting, std::string name,
                     std::string address);

/// The columns of a table of what was found: its address and what is known of it.
std::vector<report::Column> columns();
/// The same without the address, for a table that has a column of its own for the device.
std::vector<report::Column> own_columns();

}  // namespace oob::discover
