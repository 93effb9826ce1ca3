#include "core/bytes.h"

#include "core/text.h"

#include <doctest/doctest.h>

#include <string>

using namespace oob;

namespace {

Bytes hex(std::string_view digits) { return parse_hex(digits).value(); }

}  // namespace

TEST_CASE("numbers are read in both byte orders") {
    const Bytes bytes = hex("0102030405060708090a0b0c0d");
    Reader in(bytes);
    CHECK(in.u8() == 0x01);
    CHECK(in.be16() == 0x0203);
    CHECK(in.be32() == 0x04050607);
    CHECK(in.le16() == 0x0908);
    CHECK(in.le32() == 0x0d0c0b0a);
    CHECK(in.left() == 0);
    CHECK(in.ok());
}

TEST_CASE("the highest values survive reading and writing") {
    const Bytes bytes =
        Writer().u8(0xff).be16(0xffff).be32(0xffffffff).le16(0x8000).le32(0x80000000).take();
    CHECK(hex_lower(bytes) == "ffffffffffffff008000000080");
    Reader in(bytes);
    CHECK(in.u8() == 0xff);
    CHECK(in.be16() == 0xffff);
    CHECK(in.be32() == 0xffffffff);
    CHECK(in.le16() == 0x8000);
    CHECK(in.le32() == 0x80000000);
}

TEST_CASE("reading past the end yields zero and is remembered") {
    const Bytes bytes = hex("0102");
    Reader in(bytes);
    CHECK(in.be32() == 0);
    CHECK_FALSE(in.ok());
    CHECK(in.left() == 0);
    CHECK(in.u8() == 0);
    CHECK(in.bytes(0).empty());
    CHECK_FALSE(in.ok());
}

TEST_CASE("reading exactly to the end is no error") {
    const Bytes bytes = hex("aabbcc");
    Reader in(bytes);
    in.skip(1);
    CHECK(hex_lower(in.bytes(2)) == "bbcc");
    CHECK(in.ok());
    in.skip(1);
    CHECK_FALSE(in.ok());
}

TEST_CASE("a huge count does not wrap around") {
    const Bytes bytes = hex("aabb");
    Reader in(bytes);
    CHECK(in.bytes(static_cast<std::size_t>(-1)).empty());
    CHECK_FALSE(in.ok());
}

TEST_CASE("a writer appends in order and gives its bytes away") {
    Writer out;
    out.be16(0x1234).bytes(as_view("ab")).le32(1);
    CHECK(hex_lower(out.take()) == "1234616201000000");
}

TEST_CASE("text and bytes are views of each other") {
    const std::string text("a\0b", 3);
    CHECK(as_text(as_view(text)) == text);
    CHECK(as_view("").empty());
    CHECK(as_text(View()).empty());
}
