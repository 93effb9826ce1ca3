#pragma once

#include "core/bytes.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace oob::codec::scsi {

/// What hosts send to optical drives and floppies (SPC-4, SBC-3, MMC-6; reference redirection,
/// section 4.13).
enum class Operation : std::uint8_t {
    test_unit_ready = 0x00,
    request_sense = 0x03,
    read_6 = 0x08,
    write_6 = 0x0a,
    inquiry = 0x12,
    mode_select_6 = 0x15,
    mode_sense_6 = 0x1a,
    start_stop_unit = 0x1b,
    prevent_removal = 0x1e,
    read_format_capacities = 0x23,
    read_capacity = 0x25,
    read_10 = 0x28,
    write_10 = 0x2a,
    seek_10 = 0x2b,
    write_and_verify = 0x2e,
    verify_10 = 0x2f,
    synchronize_cache = 0x35,
    read_sub_channel = 0x42,
    read_toc = 0x43,
    get_configuration = 0x46,
    get_event_status = 0x4a,
    read_disc_information = 0x51,
    read_track_information = 0x52,
    mode_select_10 = 0x55,
    mode_sense_10 = 0x5a,
    report_luns = 0xa0,
    read_12 = 0xa8,
    write_12 = 0xaa,
    get_performance = 0xac,
    read_disc_structure = 0xad,
    set_cd_speed = 0xbb,
    mechanism_status = 0xbd,
    read_cd = 0xbe,
};

/// A command descriptor block as ATAPI carries it: twelve bytes, zero-padded.
using Cdb = std::array<std::byte, 12>;

inline Operation operation_of(const Cdb& cdb) { return static_cast<Operation>(cdb[0]); }
/// "READ(10)"; empty for one that is not listed.
std::string_view name(Operation operation);

/// How many blocks a READ(10) moves; zero for any other command.
std::uint16_t blocks_of_read_10(const Cdb& cdb);

/// What a host sends. `most` is the allocation length: how many bytes it takes.
Cdb test_unit_ready();
Cdb request_sense(std::uint8_t most);
Cdb inquiry(std::uint8_t most);
Cdb mode_sense_10(std::uint8_t page, std::uint16_t most);
Cdb start_stop_unit(bool start, bool load_or_eject);
Cdb prevent_removal(bool prevent);
Cdb read_format_capacities(std::uint16_t most);
Cdb read_capacity();
Cdb read_10(std::uint32_t block, std::uint16_t count);
Cdb read_12(std::uint32_t block, std::uint32_t count);
Cdb write_10(std::uint32_t block, std::uint16_t count);
/// Format 0: the tracks. `minutes` asks for minutes, seconds and frames in place of blocks.
Cdb read_toc(bool minutes, std::uint16_t most);
Cdb get_configuration(std::uint16_t most);
Cdb get_event_status(std::uint16_t most);

}  // namespace oob::codec::scsi
