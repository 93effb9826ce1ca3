#include "codec/nbd/nbd.h"
#include "support/hex.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::codec::nbd;
using oob::test::hex;

// The bytes are those of the protocol's document (NetworkBlockDevice/nbd, doc/proto.md).

TEST_CASE("the greeting and the client's flags") {
    CHECK(greeting() == hex("4e 42 44 4d 41 47 49 43 49 48 41 56 45 4f 50 54 00 03"));
    CHECK(decode_client_flags(hex("00 00 00 03")) == true);
    CHECK(decode_client_flags(hex("00 00 00 01")) == false);
    CHECK(!decode_client_flags(hex("00 00 00 00")));
    CHECK(!decode_client_flags(hex("00 00")));
}

TEST_CASE("options and their answers") {
    const auto go = decode_option(hex("49 48 41 56 45 4f 50 54 00 00 00 07 00 00 00 08"));
    REQUIRE(go);
    CHECK(*go == OptionHead{Option::go, 8});
    CHECK(!decode_option(hex("49 48 41 56 45 4f 50 00 00 00 00 07 00 00 00 08")));
    CHECK(!decode_option(hex("49 48 41 56")));
    CHECK(decode_info(hex("00 00 00 02 63 64 00 00")) == "cd");
    CHECK(decode_info(hex("00 00 00 00 00 01 00 03")) == "");
    CHECK(!decode_info(hex("00 00 00 09 63 64 00 00")));
    CHECK(!decode_info(hex("00 00")));
    CHECK(encode_reply(Option::structured_reply, OptionReply::unsupported) ==
          hex("00 03 e8 89 04 55 65 a9 00 00 00 08 80 00 00 01 00 00 00 00"));
    const Export what{.size = 0x0123456789, .read_only = true, .smallest = 2048};
    CHECK(encode_info(Option::go, what) ==
          hex("00 03 e8 89 04 55 65 a9 00 00 00 07 00 00 00 03 00 00 00 0c"
              "00 00 00 00 00 01 23 45 67 89 00 07"
              "00 03 e8 89 04 55 65 a9 00 00 00 07 00 00 00 03 00 00 00 0e"
              "00 03 00 00 08 00 00 01 00 00 02 00 00 00"
              "00 03 e8 89 04 55 65 a9 00 00 00 07 00 00 00 01 00 00 00 00"));
    CHECK(encode_export(what, true) == hex("00 00 00 01 23 45 67 89 00 07"));
    CHECK(encode_export(what, false).size() == 10 + 124);
}

TEST_CASE("requests and replies") {
    const auto read =
        decode_request(hex("25 60 95 13 00 00 00 00 00 00 00 00 00 00 00 2a"
                           "00 00 00 01 00 00 00 00 00 01 00 00"));
    REQUIRE(read);
    CHECK(*read == Request{Command::read, 42, std::uint64_t{1} << 32, 65'536});
    CHECK(
        !decode_request(hex("25 60 95 14 00 00 00 00 00 00 00 00 00 00 00 2a"
                            "00 00 00 01 00 00 00 00 00 01 00 00")));
    CHECK(!decode_request(hex("25 60 95 13 00 00")));
    CHECK(encode_reply(42, error_io) == hex("67 44 66 98 00 00 00 05 00 00 00 00 00 00 00 2a"));
}
