#include "codec/scsi/layout.h"
#include "support/hex.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::codec::scsi;
using oob::test::hex;

// The bytes are those of reference redirection, section 4.14, unless a comment says otherwise.

namespace {

constexpr Medium example{327'680, false};  // the disc of the reference's examples
constexpr Medium floppy{2'880, false};

}  // namespace

TEST_CASE("a drive says what it is in 36 bytes") {
    const Bytes cd = inquiry_data(DriveKind::cd);
    CHECK(cd.size() == 36);
    CHECK(Bytes(cd.begin(), cd.begin() + 8) == hex("05 80 00 32 1f 00 00 00"));
    CHECK(as_text(View(cd).subspan(8)) == "OOB     Virtual CD-ROM  1.00");
    const Bytes small = inquiry_data(DriveKind::floppy);
    CHECK(Bytes(small.begin(), small.begin() + 8) == hex("00 80 00 02 1f 00 00 00"));
}

TEST_CASE("sense data have the fixed format") {
    CHECK(sense_data(no_medium) == hex("70 00 02 00 00 00 00 0a 00 00 00 00 3a 00 00 00 00 00"));
}

TEST_CASE("capacities") {
    CHECK(capacity_data(DriveKind::cd, example) == hex("00 04 ff ff 00 00 08 00"));
    CHECK(capacity_data(DriveKind::floppy, floppy) == hex("00 00 0b 3f 00 00 02 00"));
    CHECK(format_capacities(DriveKind::floppy, floppy) ==
          hex("00 00 00 08 00 00 0b 40 02 00 02 00"));
    CHECK(format_capacities(DriveKind::floppy, {0x3c300, false}) ==
          hex("00 00 00 08 00 03 c3 00 02 00 02 00"));
}

TEST_CASE("the table of contents has one track of data") {
    CHECK(toc(example, 0, true, 0) == hex("00 12 01 01 00 14 01 00 00 00 02 00"
                                          "00 14 aa 00 00 48 33 05"));
    CHECK(toc(example, 0, false, 1) == hex("00 12 01 01 00 14 01 00 00 00 00 00"
                                           "00 14 aa 00 00 05 00 00"));
    CHECK(toc(example, 0, false, 0xaa) == hex("00 0a 01 01 00 14 aa 00 00 05 00 00"));
    CHECK(toc(example, 1, false, 0) == hex("00 0a 01 01 00 14 01 00 00 00 00 00"));
    const auto raw = toc(example, 2, true, 0);
    REQUIRE(raw);
    CHECK(raw->size() == 48);
    CHECK(*raw == hex("00 2e 01 01"
                      "01 14 00 a0 00 00 00 00 01 00 00"
                      "01 14 00 a1 00 00 00 00 01 00 00"
                      "01 14 00 a2 00 00 00 00 48 33 05"
                      "01 14 00 01 00 00 00 00 00 02 00"));
    CHECK(!toc(example, 0, false, 2));
    CHECK(!toc(example, 3, false, 0));
}

TEST_CASE("features: a CD, a DVD, and a drive without a disc") {
    const Bytes cd = configuration(example, 0, 0);
    CHECK(Bytes(cd.begin(), cd.begin() + 16) ==
          hex("00 00 00 44 00 00 00 08 00 00 03 04 00 08 01 00"));
    Reader length(cd);
    CHECK(length.be32() == cd.size() - 4);
    const Bytes dvd = configuration(Medium{2'000'000, false}, 2, 0);
    CHECK(dvd == hex("00 00 00 10 00 00 00 10 00 00 03 08 00 10 01 00 00 08 00 00"));
    CHECK(configuration(example, 2, 0x0010) ==
          hex("00 00 00 10 00 00 00 08 00 10 01 08 00 00 08 00 00 01 00 00"));
    CHECK(configuration(example, 2, 0x0011) == hex("00 00 00 04 00 00 00 08"));
    const Bytes none = configuration(std::nullopt, 1, 0);
    CHECK(Bytes(none.begin() + 4, none.begin() + 8) == hex("00 00 00 00"));
    CHECK(none.size() < cd.size());
}

TEST_CASE("events are those of the medium") {
    CHECK(event_status(true, 0x10) == hex("00 06 04 10 00 02 00 00"));
    CHECK(event_status(false, 0x10) == hex("00 06 04 10 00 00 00 00"));
    CHECK(event_status(true, 0x04) == hex("00 02 80 10"));
}

TEST_CASE("mode pages") {
    CHECK(mode_pages(DriveKind::cd, example, 0x01, false) == hex("01 06 00 ff 00 00 00 00"));
    CHECK(mode_pages(DriveKind::cd, example, 0x2a, false) ==
          hex("2a 12 00 00 71 60 29 00 02 c2 00 02 02 00 02 c2 00 00 00 00"));
    CHECK(mode_pages(DriveKind::floppy, floppy, 0x05, false) ==
          hex("05 1e 04 b0 02 12 02 00 00 50 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00"
              "02 d0 00 00"));
    CHECK(mode_pages(DriveKind::floppy, Medium{0x3c300, false}, 0x05, false)->at(8) ==
          std::byte{0x03});
    CHECK(mode_pages(DriveKind::floppy, floppy, 0x03, false) ==
          hex("03 16 00 a0 00 00 00 00 00 00 00 12 02 00 00 00 00 00 00 00 00 00 00 00"));
    CHECK(mode_pages(DriveKind::cd, example, 0x01, true) == hex("01 06 00 00 00 00 00 00"));
    CHECK(!mode_pages(DriveKind::cd, example, 0x05, false));
    // All of them, ascending.
    const auto all = mode_pages(DriveKind::floppy, floppy, 0x3f, false);
    REQUIRE(all);
    unsigned last = 0;
    for (Reader in(*all); in.left() > 0;) {
        const unsigned page = in.u8();
        CHECK(page > last);
        last = page;
        in.skip(in.u8());
        CHECK(in.ok());
    }
    CHECK(last == 0x1d);
}

TEST_CASE("disc and track") {
    const Bytes disc = disc_information();
    CHECK(disc.size() == 34);
    CHECK(Bytes(disc.begin(), disc.begin() + 9) == hex("00 20 0e 01 01 01 01 20 00"));
    const Bytes track = track_information(example);
    CHECK(track.size() == 36);
    CHECK(Bytes(track.begin(), track.begin() + 8) == hex("00 22 01 01 00 04 01 00"));
    CHECK(Bytes(track.begin() + 24, track.begin() + 28) == hex("00 05 00 00"));
}
