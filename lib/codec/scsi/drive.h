#pragma once

#include "codec/scsi/command.h"
#include "codec/scsi/layout.h"

#include <optional>

namespace oob::codec::scsi {

/// What comes of one command.
struct Reply {
    enum class Kind {
        good,    ///< done, without data
        failed,  ///< `sense` says why
        data,    ///< `data` goes to the host
        read,    ///< `size` bytes of the medium from `offset` go to the host
        write,   ///< as many come from the host
    };
    Kind kind = Kind::good;
    Sense sense{};
    Bytes data{};
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
};

/// An optical drive or floppy as a host sees it over ATAPI: answers commands, and says which bytes
/// of the medium are wanted. Touches no image itself.
class Drive {
 public:
    /// Without a medium it is an empty drive.
    Drive(DriveKind kind, std::optional<Medium> medium) : kind_(kind), medium_(medium) {}

    /// The reply, cut to what the host takes. A failure is kept for REQUEST SENSE.
    Reply answer(const Cdb& cdb);
    /// A read or write of answer() could not be done.
    Reply failed(const Sense& sense);

    DriveKind kind() const { return kind_; }
    const std::optional<Medium>& medium() const { return medium_; }

 private:
    Reply decide(const Cdb& cdb);
    /// What may be asked of a drive with a medium only.
    Reply decide_with_medium(const Cdb& cdb);
    Reply transfer(std::uint64_t block, std::uint64_t count, bool write) const;
    Reply read_cd(const Cdb& cdb) const;
    Reply mode_sense(unsigned page, std::size_t most, bool long_head) const;

    DriveKind kind_;
    std::optional<Medium> medium_;
    Sense last_{};
};

}  // namespace oob::codec::scsi
