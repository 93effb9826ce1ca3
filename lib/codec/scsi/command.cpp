#include "codec/scsi/command.h"

namespace oob::codec::scsi {

namespace {

/// A block that is filled field by field, big-endian.
class Builder {
 public:
    explicit Builder(Operation operation) { set(0, static_cast<std::uint8_t>(operation)); }

    Builder& set(std::size_t at, std::uint8_t value) {
        cdb_[at] = static_cast<std::byte>(value);
        return *this;
    }
    Builder& be16(std::size_t at, std::uint16_t value) {
        return set(at, static_cast<std::uint8_t>(value >> 8U))
            .set(at + 1, static_cast<std::uint8_t>(value & 0xffU));
    }
    Builder& be32(std::size_t at, std::uint32_t value) {
        return be16(at, static_cast<std::uint16_t>(value >> 16U))
            .be16(at + 2, static_cast<std::uint16_t>(value & 0xffffU));
    }
    operator Cdb() const { return cdb_; }

 private:
    Cdb cdb_{};
};

constexpr std::uint8_t polled = 0x01;
constexpr std::uint8_t class_media = 0x10;

}  // namespace

std::string_view name(Operation operation) {
    switch (operation) {
        case Operation::test_unit_ready:
            return "TEST UNIT READY";
        case Operation::request_sense:
            return "REQUEST SENSE";
        case Operation::read_6:
            return "READ(6)";
        case Operation::write_6:
            return "WRITE(6)";
        case Operation::inquiry:
            return "INQUIRY";
        case Operation::mode_select_6:
            return "MODE SELECT(6)";
        case Operation::mode_sense_6:
            return "MODE SENSE(6)";
        case Operation::start_stop_unit:
            return "START STOP UNIT";
        case Operation::prevent_removal:
            return "PREVENT ALLOW MEDIUM REMOVAL";
        case Operation::read_format_capacities:
            return "READ FORMAT CAPACITIES";
        case Operation::read_capacity:
            return "READ CAPACITY";
        case Operation::read_10:
            return "READ(10)";
        case Operation::write_10:
            return "WRITE(10)";
        case Operation::seek_10:
            return "SEEK(10)";
        case Operation::write_and_verify:
            return "WRITE AND VERIFY";
        case Operation::verify_10:
            return "VERIFY(10)";
        case Operation::synchronize_cache:
            return "SYNCHRONIZE CACHE";
        case Operation::read_sub_channel:
            return "READ SUB-CHANNEL";
        case Operation::read_toc:
            return "READ TOC";
        case Operation::get_configuration:
            return "GET CONFIGURATION";
        case Operation::get_event_status:
            return "GET EVENT STATUS NOTIFICATION";
        case Operation::read_disc_information:
            return "READ DISC INFORMATION";
        case Operation::read_track_information:
            return "READ TRACK INFORMATION";
        case Operation::mode_select_10:
            return "MODE SELECT(10)";
        case Operation::mode_sense_10:
            return "MODE SENSE(10)";
        case Operation::report_luns:
            return "REPORT LUNS";
        case Operation::read_12:
            return "READ(12)";
        case Operation::write_12:
            return "WRITE(12)";
        case Operation::get_performance:
            return "GET PERFORMANCE";
        case Operation::read_disc_structure:
            return "READ DISC STRUCTURE";
        case Operation::set_cd_speed:
            return "SET CD SPEED";
        case Operation::mechanism_status:
            return "MECHANISM STATUS";
        case Operation::read_cd:
            return "READ CD";
    }
    return {};
}

std::uint16_t blocks_of_read_10(const Cdb& cdb) {
    if (operation_of(cdb) != Operation::read_10) return 0;
    Reader count(View(cdb).subspan(7));
    return count.be16();
}

Cdb test_unit_ready() { return Builder(Operation::test_unit_ready); }

Cdb request_sense(std::uint8_t most) { return Builder(Operation::request_sense).set(4, most); }

Cdb inquiry(std::uint8_t most) { return Builder(Operation::inquiry).set(4, most); }

Cdb mode_sense_10(std::uint8_t page, std::uint16_t most) {
    return Builder(Operation::mode_sense_10).set(2, page).be16(7, most);
}

Cdb start_stop_unit(bool start, bool load_or_eject) {
    return Builder(Operation::start_stop_unit)
        .set(4, static_cast<std::uint8_t>((start ? 1U : 0U) | (load_or_eject ? 2U : 0U)));
}

Cdb prevent_removal(bool prevent) {
    return Builder(Operation::prevent_removal).set(4, prevent ? 1 : 0);
}

Cdb read_format_capacities(std::uint16_t most) {
    return Builder(Operation::read_format_capacities).be16(7, most);
}

Cdb read_capacity() { return Builder(Operation::read_capacity); }

Cdb read_10(std::uint32_t block, std::uint16_t count) {
    return Builder(Operation::read_10).be32(2, block).be16(7, count);
}

Cdb read_12(std::uint32_t block, std::uint32_t count) {
    return Builder(Operation::read_12).be32(2, block).be32(6, count);
}

Cdb write_10(std::uint32_t block, std::uint16_t count) {
    return Builder(Operation::write_10).be32(2, block).be16(7, count);
}

Cdb read_toc(bool minutes, std::uint16_t most) {
    return Builder(Operation::read_toc).set(1, minutes ? 2 : 0).be16(7, most);
}

Cdb get_configuration(std::uint16_t most) {
    return Builder(Operation::get_configuration).be16(7, most);
}

Cdb get_event_status(std::uint16_t most) {
    return Builder(Operation::get_event_status).set(1, polled).set(4, class_media).be16(7, most);
}

}  // namespace oob::codec::scsi
