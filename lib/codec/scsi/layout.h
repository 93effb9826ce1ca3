#pragma once

#include "codec/scsi/sense.h"
#include "core/bytes.h"

#include <cstdint>
#include <optional>

/// What drives say about themselves and their medium (reference redirection, section 4.14). All of
/// it is whole: the caller cuts it to what the host takes.
namespace oob::codec::scsi {

enum class DriveKind { floppy, cd };

inline constexpr std::uint32_t cd_block = 2048;
inline constexpr std::uint32_t floppy_block = 512;
inline constexpr std::uint32_t block_size(DriveKind kind) {
    return kind == DriveKind::cd ? cd_block : floppy_block;
}

/// A disc with more blocks calls itself a DVD.
inline constexpr std::uint64_t most_cd_blocks = 360'000;
/// A floppy with more blocks than 1.44 MB has calls itself an LS-120.
inline constexpr std::uint64_t most_small_floppy_blocks = 2'880;

struct Medium {
    std::uint64_t blocks = 0;
    bool writable = false;
};

Bytes inquiry_data(DriveKind kind);
Bytes sense_data(const Sense& sense);
Bytes capacity_data(DriveKind kind, const Medium& medium);
Bytes format_capacities(DriveKind kind, const Medium& medium);
/// Nothing for a format or track that does not exist.
std::optional<Bytes> toc(const Medium& medium, unsigned format, bool minutes, unsigned track);
/// `wanted`: 0 all features, 1 the current ones, 2 the one called `first`. No medium has no
/// profile.
Bytes configuration(const std::optional<Medium>& medium, unsigned wanted, std::uint16_t first);
Bytes event_status(bool present, std::uint8_t classes);
/// The pages alone, or nothing for one that the drive does not have. `changeable` asks which bits
/// could be changed: none.
std::optional<Bytes> mode_pages(DriveKind kind, const std::optional<Medium>& medium, unsigned page,
                                bool changeable);
/// The medium type byte of a MODE SENSE header.
std::uint8_t medium_type(DriveKind kind, const std::optional<Medium>& medium);
Bytes disc_information();
Bytes track_information(const Medium& medium);

}  // namespace oob::codec::scsi
