#include "codec/wsman/boot_parameters.h"

#include "core/text.h"

#include <doctest/doctest.h>

using namespace oob;
using namespace oob::codec::wsman;

namespace {

/// Reference wsman, section 8.3: URL, synchronised root, time-out of ten seconds.
constexpr std::string_view sample =
    "hoABABkAAABodHRwczovLzEwLjAuMC41L2Jvb3QuZWZphoAUAAEAAAABhoAeAAIAAAAKAA==";
/// The same place: the mask of an erase.
constexpr std::string_view erase_sample = "hoABAAQAAABEAAAA";

}  // namespace

TEST_CASE("the samples of the reference are read, and written again byte for byte") {
    const Bytes block = base64_decode(sample).value();
    CHECK(block.size() == 52);
    const auto parameters = decode_boot_parameters(block);
    REQUIRE(parameters);
    REQUIRE(parameters->size() == 3);
    CHECK((*parameters)[0].vendor == 0x8086);
    CHECK((*parameters)[0].type == 1);
    CHECK(as_text((*parameters)[0].value) == "https://10.0.0.5/boot.efi");
    CHECK((*parameters)[1].type == 20);
    CHECK((*parameters)[2].type == 30);
    CHECK(encode_boot_parameters(*parameters) == block);
    const Bytes mask = base64_decode(erase_sample).value();
    const auto erase = decode_boot_parameters(mask);
    REQUIRE(erase);
    REQUIRE(erase->size() == 1);
    CHECK(hex_lower(erase->front().value) == "44000000");
}

TEST_CASE("what a start from an address takes is the head of the reference's sample") {
    const auto parameters = https_boot_parameters("https://10.0.0.5/boot.efi");
    REQUIRE(parameters);
    const Bytes block = base64_decode(sample).value();
    const Bytes expected(block.begin(), block.begin() + 42);
    CHECK(encode_boot_parameters(*parameters) == expected);
}

TEST_CASE("every prefix that ends inside an entry is an error, never a crash") {
    const Bytes block = base64_decode(sample).value();
    for (std::size_t n = 0; n < block.size(); ++n) {
        CAPTURE(n);
        const bool between = n == 0 || n == 33 || n == 42;
        const auto parameters = decode_boot_parameters(View(block).first(n));
        CHECK(parameters.has_value() == between);
        if (!parameters) CHECK(parameters.error().code == "boot_parameters.short");
    }
}

TEST_CASE("a length that runs past the block or a block past its limit is refused") {
    const Bytes huge = parse_hex("86800100ffffffff00").value();
    CHECK(decode_boot_parameters(huge).error().code == "boot_parameters.short");
    const Bytes longer(longest_boot_parameters + 1);
    CHECK(decode_boot_parameters(longer).error().code == "boot_parameters.too_long");
}

TEST_CASE("an address that the firmware cannot take is a usage error") {
    const std::string limit = "https://h/" + std::string(longest_boot_url - 10, 'a');
    CHECK(https_boot_parameters(limit));
    for (const std::string& url :
         {limit + "a", std::string("http://h/boot.efi"), std::string("https://"),
          std::string("https://h/a b"), std::string("https://h/\xc3\xa4"), std::string()}) {
        CAPTURE(url);
        const auto parameters = https_boot_parameters(url);
        REQUIRE(!parameters);
        CHECK(parameters.error().code == "usage.boot_url");
    }
}
