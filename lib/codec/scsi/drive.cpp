#include "codec/scsi/drive.h"

#include <algorithm>

namespace oob::codec::scsi {

namespace {

std::uint8_t u8(const Cdb& cdb, std::size_t at) { return std::to_integer<std::uint8_t>(cdb[at]); }

std::uint16_t be16(const Cdb& cdb, std::size_t at) {
    return static_cast<std::uint16_t>((u8(cdb, at) << 8U) | u8(cdb, at + 1));
}

std::uint32_t be24(const Cdb& cdb, std::size_t at) {
    return (std::uint32_t{u8(cdb, at)} << 16U) | be16(cdb, at + 1);
}

std::uint32_t be32(const Cdb& cdb, std::size_t at) {
    return (std::uint32_t{be16(cdb, at)} << 16U) | be16(cdb, at + 2);
}

Reply failure(const Sense& sense) {
    Reply out;
    out.kind = Reply::Kind::failed;
    out.sense = sense;
    return out;
}

/// Nothing that was asked for is nothing to send.
Reply data(Bytes bytes, std::size_t most) {
    Reply out;
    bytes.resize(std::min(bytes.size(), most));
    if (bytes.empty()) return out;
    out.kind = Reply::Kind::data;
    out.data = std::move(bytes);
    return out;
}

Reply data_or_refusal(std::optional<Bytes> bytes, std::size_t most) {
    return bytes ? data(*std::move(bytes), most) : failure(invalid_field);
}

}  // namespace

Reply Drive::answer(const Cdb& cdb) {
    Reply out = decide(cdb);
    const bool asked_for_sense = operation_of(cdb) == Operation::request_sense;
    if (asked_for_sense || out.kind == Reply::Kind::failed) last_ = out.sense;
    return out;
}

Reply Drive::failed(const Sense& sense) {
    last_ = sense;
    return failure(sense);
}

Reply Drive::decide(const Cdb& cdb) {
    switch (operation_of(cdb)) {
        case Operation::request_sense:
            return data(sense_data(last_), u8(cdb, 4));
        case Operation::inquiry:
            // Pages of vital product data: none.
            if ((u8(cdb, 1) & 1) != 0 || u8(cdb, 2) != 0) return failure(invalid_field);
            return data(inquiry_data(kind_), be16(cdb, 3));
        case Operation::report_luns: {
            Writer one;
            one.be32(8).be32(0).be32(0).be32(0);
            return data(one.take(), be32(cdb, 6));
        }
        case Operation::mode_sense_6:
            return mode_sense(u8(cdb, 2), u8(cdb, 4), false);
        case Operation::mode_sense_10:
            return mode_sense(u8(cdb, 2), be16(cdb, 7), true);
        case Operation::mode_select_6:
        case Operation::mode_select_10:
            return failure(unknown_command);
        case Operation::start_stop_unit:
        case Operation::prevent_removal:
            return {};
        case Operation::get_configuration:
            if (kind_ != DriveKind::cd) return failure(unknown_command);
            return data(configuration(medium_, u8(cdb, 1) & 3U, be16(cdb, 2)), be16(cdb, 7));
        case Operation::get_event_status:
            if (kind_ != DriveKind::cd) return failure(unknown_command);
            if ((u8(cdb, 1) & 1) == 0) return failure(invalid_field);  // only by polling
            return data(event_status(medium_.has_value(), u8(cdb, 4)), be16(cdb, 7));
        case Operation::mechanism_status: {
            Writer idle;
            idle.be32(0).be32(0x00010000);
            if (kind_ != DriveKind::cd) return failure(unknown_command);
            return data(idle.take(), be16(cdb, 8));
        }
        default:
            return decide_with_medium(cdb);
    }
}

Reply Drive::decide_with_medium(const Cdb& cdb) {
    const bool cd = kind_ == DriveKind::cd;
    const Operation operation = operation_of(cdb);
    if (name(operation).empty()) return failure(unknown_command);
    if (!medium_) return failure(no_medium);
    switch (operation) {
        case Operation::test_unit_ready:
        case Operation::synchronize_cache:
        case Operation::set_cd_speed:
            return {};
        case Operation::read_capacity:
            return data(capacity_data(kind_, *medium_), 8);
        case Operation::read_format_capacities:
            return data(format_capacities(kind_, *medium_), be16(cdb, 7));
        case Operation::read_6: {
            const std::uint8_t count = u8(cdb, 4);
            return transfer(be24(cdb, 1) & 0x1fffffU, count == 0 ? 256 : count, false);
        }
        case Operation::read_10:
            return transfer(be32(cdb, 2), be16(cdb, 7), false);
        case Operation::read_12:
            return transfer(be32(cdb, 2), be32(cdb, 6), false);
        case Operation::seek_10: {
            const Reply reach = transfer(be32(cdb, 2), 1, false);
            return reach.kind == Reply::Kind::failed ? reach : Reply();
        }
        case Operation::verify_10: {
            const Reply reach = transfer(be32(cdb, 2), be16(cdb, 7), false);
            return reach.kind == Reply::Kind::failed ? reach : Reply();
        }
        case Operation::write_6: {
            const std::uint8_t count = u8(cdb, 4);
            return transfer(be24(cdb, 1) & 0x1fffffU, count == 0 ? 256 : count, true);
        }
        case Operation::write_10:
        case Operation::write_and_verify:
            return transfer(be32(cdb, 2), be16(cdb, 7), true);
        case Operation::write_12:
            return transfer(be32(cdb, 2), be32(cdb, 6), true);
        default:
            break;
    }
    if (!cd) return failure(unknown_command);
    switch (operation) {
        case Operation::read_cd:
            return read_cd(cdb);
        case Operation::read_toc: {
            unsigned format = u8(cdb, 2) & 0x0fU;
            if (format == 0) format = u8(cdb, 9) >> 6U;  // where SFF-8020 had it
            return data_or_refusal(toc(*medium_, format, (u8(cdb, 1) & 2) != 0, u8(cdb, 6)),
                                   be16(cdb, 7));
        }
        case Operation::read_sub_channel: {
            constexpr std::uint32_t no_audio = 0x00150000;
            Writer head;
            if ((u8(cdb, 2) & 0x40) != 0) return failure(invalid_field);
            return data(head.be32(no_audio).take(), be16(cdb, 7));
        }
        case Operation::read_disc_information:
            if ((u8(cdb, 1) & 7) != 0) return failure(invalid_field);
            return data(disc_information(), be16(cdb, 7));
        case Operation::read_track_information:
            return data(track_information(*medium_), be16(cdb, 7));
        case Operation::get_performance: {
            Writer head;
            return data(head.be32(4).be32(0x02000000).take(), 8);
        }
        case Operation::read_disc_structure:
            return failure(wrong_medium);
        default:
            return failure(unknown_command);
    }
}

Reply Drive::transfer(std::uint64_t block, std::uint64_t count, bool write) const {
    if (write && !medium_->writable) return failure(write_protected);
    if (block >= medium_->blocks || count > medium_->blocks - block) return failure(out_of_range);
    Reply out;
    if (count == 0) return out;
    out.kind = write ? Reply::Kind::write : Reply::Kind::read;
    out.offset = block * block_size(kind_);
    out.size = count * block_size(kind_);
    return out;
}

/// READ CD for the user's data alone is a read like others; for the rest, the disc has none.
Reply Drive::read_cd(const Cdb& cdb) const {
    constexpr std::uint8_t user_data = 0x10;
    if (u8(cdb, 9) != user_data) return failure(invalid_field);
    return transfer(be32(cdb, 2), be24(cdb, 6), false);
}

Reply Drive::mode_sense(unsigned page, std::size_t most, bool long_head) const {
    constexpr unsigned changeable = 1;
    constexpr unsigned saved = 3;
    const unsigned control = page >> 6U;
    if (control == saved) return failure(nothing_saved);
    const auto pages = mode_pages(kind_, medium_, page & 0x3fU, control == changeable);
    if (!pages) return failure(invalid_field);
    constexpr std::uint8_t protection = 0x80;
    const std::uint8_t flags = medium_ && medium_->writable ? 0 : protection;
    const std::size_t head = long_head ? 8 : 4;
    const std::size_t length = head + pages->size();
    Writer out;
    if (long_head)
        out.be16(static_cast<std::uint16_t>(length - 2));
    else
        out.u8(static_cast<std::uint8_t>(length - 1));
    out.u8(medium_type(kind_, medium_)).u8(flags);
    if (long_head)
        out.be32(0);
    else
        out.u8(0);
    return data(out.bytes(*pages).take(), most);
}

}  // namespace oob::codec::scsi
