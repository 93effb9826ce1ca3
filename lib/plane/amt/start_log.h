#pragma once

#include "codec/wsman/event_record.h"
#include "codec/wsman/instance.h"

#include <vector>

/// What the event log tells of the host's starts: nothing is sent here (reference wsman, section
/// 8.1).
namespace oob::plane::amt {

/// Newest first, as GetRecords gives them.
using EventLog = std::vector<codec::wsman::EventRecord>;

/// The records of GetRecords' output. Padding, and what is no record, is left out.
EventLog records_of(const codec::wsman::Members& output);

/// True for what a host writes while it starts. A dock that comes and goes, and waking from sleep,
/// are no start.
bool tells_of_start(const codec::wsman::EventRecord& record);

/// True when some record of `log` does: this machine's BIOS writes its starts down.
bool tells_of_starts(const EventLog& log);

/// True when `after` holds what only a start can have written that began after `before` was read.
/// A start that was under way then goes on writing, so a new record alone is no proof: it has to be
/// the first of a start, or come after the last of one, or long after any other.
bool new_start(const EventLog& before, const EventLog& after);

}  // namespace oob::plane::amt
