#include "codec/scsi/drive.h"
#include "support/hex.h"

#include <doctest/doctest.h>

#include <random>

using namespace oob;
using namespace oob::codec::scsi;
using oob::test::hex;
using Kind = Reply::Kind;

namespace {

constexpr Medium disc{1'000, false};
constexpr Medium floppy{2'880, false};

Cdb cdb(std::string_view text) {
    Cdb out{};
    const Bytes bytes = hex(text);
    std::ranges::copy(bytes, out.begin());
    return out;
}

Drive cd_drive() { return {DriveKind::cd, disc}; }

}  // namespace

TEST_CASE("a read is a place in the medium, whatever command asks") {
    Drive drive = cd_drive();
    struct Row {
        Cdb cdb;
        std::uint64_t block;
        std::uint64_t count;
    };
    for (const Row& row :
         {Row{read_10(16, 1), 16, 1}, Row{read_12(16, 3), 16, 3}, Row{cdb("08 00 00 10 02"), 16, 2},
          Row{cdb("08 00 00 10 00"), 16, 256}, Row{cdb("be 00 00 00 00 10 00 00 02 10"), 16, 2},
          Row{read_10(0, 1'000), 0, 1'000}}) {
        const Reply reply = drive.answer(row.cdb);
        CHECK(reply.kind == Kind::read);
        CHECK(reply.offset == row.block * cd_block);
        CHECK(reply.size == row.count * cd_block);
    }
    CHECK(drive.answer(read_10(5, 0)).kind == Kind::good);
}

TEST_CASE("how much a read moves") {
    CHECK(blocks_of_read_10(read_10(16, 32)) == 32);
    CHECK(blocks_of_read_10(read_10(0xffffffff, 0xffff)) == 0xffff);
    CHECK(blocks_of_read_10(read_12(16, 32)) == 0);
    CHECK(blocks_of_read_10(write_10(16, 32)) == 0);
}

TEST_CASE("nothing beyond the end, not even a part") {
    Drive drive = cd_drive();
    for (const Cdb& beyond : {read_10(1'000, 1), read_10(999, 2), read_12(0, 1'001),
                              read_12(0xffffffff, 0xffffffff), cdb("2b 00 00 00 03 e8")}) {
        const Reply reply = drive.answer(beyond);
        CHECK(reply.kind == Kind::failed);
        CHECK(reply.sense == out_of_range);
    }
}

TEST_CASE("images over two and four gigabytes keep all of their bits") {
    Drive large(DriveKind::cd, Medium{std::uint64_t{5} << 20, false});  // 10 GiB
    const Reply reply = large.answer(read_10(0x400001, 2));
    CHECK(reply.kind == Kind::read);
    CHECK(reply.offset == std::uint64_t{0x400001} * cd_block);
    Drive largest(DriveKind::floppy, Medium{std::uint64_t{1} << 32, false});
    CHECK(largest.answer(read_capacity()).data == hex("ff ff ff ff 00 00 02 00"));
    CHECK(largest.answer(read_10(0xffffffff, 1)).kind == Kind::read);
}

TEST_CASE("a failure is kept for REQUEST SENSE, once") {
    Drive drive = cd_drive();
    CHECK(drive.answer(read_10(1'000, 1)).sense == out_of_range);
    CHECK(drive.answer(test_unit_ready()).kind == Kind::good);
    CHECK(drive.answer(request_sense(18)).data == sense_data(out_of_range));
    CHECK(drive.answer(request_sense(18)).data == sense_data({}));
    drive.failed(unreadable);
    CHECK(drive.answer(request_sense(18)).data == sense_data(unreadable));
}

TEST_CASE("an empty drive answers what needs no medium, and says so for the rest") {
    Drive empty(DriveKind::cd, std::nullopt);
    for (const Cdb& question : {inquiry(36), request_sense(18), mode_sense_10(0x3f, 255),
                                get_configuration(255), get_event_status(8)})
        CHECK(empty.answer(question).kind == Kind::data);
    for (const Cdb& question : {test_unit_ready(), read_capacity(), read_10(0, 1),
                                read_toc(false, 20), read_format_capacities(12)})
        CHECK(empty.answer(question).sense == no_medium);
    CHECK(empty.answer(cdb("d5")).sense == unknown_command);
}

TEST_CASE("writes go to media that may be written, and to no other") {
    Drive locked(DriveKind::floppy, floppy);
    for (const Cdb& write :
         {write_10(3, 1), cdb("0a 00 00 03 01"), cdb("2e 00 00 00 00 03 00 00 01"),
          cdb("aa 00 00 00 00 03 00 00 00 01")}) {
        CHECK(locked.answer(write).sense == write_protected);
        Drive open(DriveKind::floppy, Medium{2'880, true});
        const Reply reply = open.answer(write);
        CHECK(reply.kind == Kind::write);
        CHECK(reply.offset == 3 * floppy_block);
        CHECK(reply.size == floppy_block);
    }
    Drive open(DriveKind::floppy, Medium{2'880, true});
    CHECK(open.answer(write_10(2'880, 1)).sense == out_of_range);
    // The head of MODE SENSE tells the same.
    CHECK((open.answer(mode_sense_10(0x3f, 8)).data[3] & std::byte{0x80}) == std::byte{0});
    CHECK((locked.answer(mode_sense_10(0x3f, 8)).data[3] & std::byte{0x80}) == std::byte{0x80});
}

TEST_CASE("answers are cut to what the host takes") {
    Drive drive = cd_drive();
    CHECK(drive.answer(inquiry(5)).data == hex("05 80 00 32 1f"));
    CHECK(drive.answer(inquiry(0)).kind == Kind::good);
    CHECK(drive.answer(read_toc(false, 4)).data == hex("00 12 01 01"));
    CHECK(drive.answer(get_configuration(8)).data == hex("00 00 00 44 00 00 00 08"));
    const Bytes head = drive.answer(mode_sense_10(0x2a, 255)).data;
    CHECK(Bytes(head.begin(), head.begin() + 8) == hex("00 1a 01 80 00 00 00 00"));
    CHECK(drive.answer(cdb("1a 00 2a 00 04")).data == hex("17 01 80 00"));
}

TEST_CASE("what cannot be done is refused with its own sense") {
    Drive drive = cd_drive();
    struct Row {
        const char* cdb;
        Sense sense;
    };
    for (const Row& row :
         {Row{"12 01 00 00 24", invalid_field}, Row{"43 00 03", invalid_field},
          Row{"4a 00 00 00 10 00 00 00 08", invalid_field},
          Row{"5a 00 c1 00 00 00 00 00 ff", nothing_saved},
          Row{"5a 00 05 00 00 00 00 00 ff", invalid_field}, Row{"ad", wrong_medium},
          Row{"15", unknown_command}, Row{"4c", unknown_command}, Row{"9e 10", unknown_command},
          Row{"be 00 00 00 00 10 00 00 01 f8", invalid_field}}) {
        CAPTURE(row.cdb);
        CHECK(drive.answer(cdb(row.cdb)).sense == row.sense);
    }
    // Commands of discs are none of a floppy's.
    Drive small(DriveKind::floppy, floppy);
    for (const char* disc_only : {"43 00 00", "46 00", "4a 01", "51", "52", "bd", "be"})
        CHECK(small.answer(cdb(disc_only)).sense == unknown_command);
}

TEST_CASE("whatever a host sends, the answer stays inside the medium and is no longer than asked") {
    std::mt19937 random(7);
    for (const DriveKind kind : {DriveKind::cd, DriveKind::floppy}) {
        Drive drive(kind, kind == DriveKind::cd ? disc : floppy);
        const std::uint64_t bytes = drive.medium()->blocks * block_size(kind);
        for (int i = 0; i < 200'000; ++i) {
            Cdb any{};
            for (std::byte& each : any) each = static_cast<std::byte>(random() & random());
            any[0] = static_cast<std::byte>(i & 0xff);
            const Reply reply = drive.answer(any);
            CHECK((reply.kind == Kind::failed) == (reply.sense.key != 0));
            if (reply.kind == Kind::read) CHECK(reply.offset + reply.size <= bytes);
            CHECK(reply.kind != Kind::write);
            CHECK(reply.data.size() <= 512);
        }
    }
}
