#include "sim/member.h"

#include "sim/address_range.h"

#include <utility>

namespace oob::sim {

Member::Member(Device its_device, Firmware& firmware, Surroundings& surroundings)
    : device(std::move(its_device)),
      guard(*firmware.personality),
      console(device.identity().host_name),
      firmware_(firmware),
      surroundings_(surroundings) {}

Result<void> Member::set_faults(Faults faults) {
    if (faults.uuid != faults_.uuid) {
        const Identity own = make_identity(device.identity().address, device.identity().number);
        std::string uuid = faults.uuid.value_or(own.uuid);
        if (uuid == "all-f") uuid = "ffffffff-ffff-ffff-ffff-ffffffffffff";
        if (uuid == "duplicate") uuid = surroundings_.shared_uuid;
        const auto done = device.set("uuid", uuid);
        if (!done) return std::unexpected(done.error());
    }
    faults_ = std::move(faults);
    return {};
}

void Member::spend_fault() {
    if (!faults_.count) return;
    if (*faults_.count > 1)
        --*faults_.count;
    else
        (void)set_faults({});  // taking a UUID back to the device's own cannot fail
}

void Member::record(JournalEntry entry) {
    entry.sequence = ++surroundings_.sequence;
    entry.time = surroundings_.now();
    entry.faults = faults_.describe();
    const std::size_t before = journal.size();
    if (surroundings_.journal_entries >= surroundings_.limits.journal_entries)
        journal.drop_oldest();
    journal.add(std::move(entry));
    surroundings_.journal_entries += journal.size() - before;
}

void Member::clear_journal() {
    surroundings_.journal_entries -= journal.size();
    journal.clear();
}

}  // namespace oob::sim
