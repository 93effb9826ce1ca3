#pragma once

#include "core/value.h"
#include "sim/disk_bus.h"

#include <cstdint>
#include <string>

namespace oob::sim {

/// A command, again as long as the drive only tells of a change. The bus outlives the task.
net::Task<DiskBus::Outcome> settled(DiskBus& bus, DiskBus::Drive drive, codec::scsi::Cdb cdb,
                                    std::size_t most, Bytes out = {});

/// What a BIOS and then an operating system ask the drives that are lent to the host. `from` is
/// what the host starts from: "ider-cd" and "ider-floppy" read the boot sectors too. The bus
/// outlives the task.
net::Task<void> boot_from_disks(DiskBus& bus, std::string from);

/// One job of the scripted host; each returns what came of it. Errors of the drives are part of
/// that, not failures.
struct DiskJob {
    DiskBus::Drive drive = DiskBus::Drive::cd;
    std::size_t bytes = 65'536;  ///< of one command, a multiple of the block
    bool digest = true;          ///< SHA-256 of all that was read
    bool long_reads = false;     ///< READ(12) in place of READ(10)
    std::uint32_t block = 0;     ///< of a write
    std::string text;            ///< what a write fills its block with
};

/// Every command that hosts issue, each with the sense key, code and qualifier, and how many bytes
/// came.
net::Task<Value> probe_disk(DiskBus& bus, DiskJob job);
/// The whole medium: {"bytes","reads","failures","seconds","reads_per_second","median_us",
/// "longest_us","sha256"}.
net::Task<Value> read_disk(DiskBus& bus, DiskJob job);
/// One block, which is read back: {"sense","same"}.
net::Task<Value> write_disk(DiskBus& bus, DiskJob job);

}  // namespace oob::sim
