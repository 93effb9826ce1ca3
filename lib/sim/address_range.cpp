#include "sim/address_range.h"

#include "core/bytes.h"
#include "core/host.h"
#include "core/text.h"

#include <algorithm>

namespace oob::sim {

namespace {

constexpr unsigned address_bits = 32;

std::unexpected<Error> wrong(std::string message, std::string hint) {
    return std::unexpected(
        Error(Class::usage, "usage.listen", std::move(message), std::move(hint)));
}

/// FNV-1a and a final mix (SplitMix64): spreads addresses that differ in one bit over all bits.
std::uint64_t spread(std::string_view text, std::uint64_t salt) {
    std::uint64_t hash = 0xcbf29ce484222325 ^ salt;
    for (const char letter : text)
        hash = (hash ^ static_cast<std::uint8_t>(letter)) * 0x100000001b3;
    hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9;
    hash = (hash ^ hash >> 27) * 0x94d049bb133111eb;
    return hash ^ hash >> 31;
}

Bytes sixteen_bytes(std::string_view text, std::uint64_t salt) {
    Writer out;
    for (const std::uint64_t half : {spread(text, salt), spread(text, salt + 1)})
        out.be32(static_cast<std::uint32_t>(half >> 32)).be32(static_cast<std::uint32_t>(half));
    return out.take();
}

/// Version 4 by its bits. Begins with a letter, so that no client takes a group of it for a number.
std::string make_uuid(std::string_view address) {
    std::string digits = hex_lower(sixteen_bytes(address, 1));
    digits[0] = 'a';
    digits[12] = '4';
    digits[16] = 'b';
    const std::string_view all = digits;
    return join({all.substr(0, 8), "-", all.substr(8, 4), "-", all.substr(12, 4), "-",
                 all.substr(16, 4), "-", all.substr(20)});
}

/// Locally administered, and the address in its last four bytes.
std::string make_mac(std::uint32_t address) {
    std::string out = "02:00";
    for (unsigned shift = address_bits; shift > 0; shift -= 8) {
        const auto byte = static_cast<std::uint8_t>(address >> (shift - 8));
        out += ":" + hex_lower(Writer().u8(byte).take());
    }
    return out;
}

}  // namespace

Result<AddressRange> AddressRange::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto first = parse_ipv4(text.substr(0, slash));
    const auto prefix = slash == std::string_view::npos ? std::optional<std::uint64_t>(address_bits)
                                                        : parse_unsigned(text.substr(slash + 1));
    if (!first || !prefix || *prefix > address_bits)
        return wrong(join({"not a range of IPv4 addresses: ", text}), "for instance 127.77.0.0/24");
    if (*prefix < shortest_prefix)
        return wrong(join({"too many addresses: ", text}), "a /16, 65,536 devices, is the largest");

    AddressRange out;
    out.first_ = *first;
    out.prefix_ = static_cast<unsigned>(*prefix);
    out.size_ = std::uint32_t{1} << (address_bits - out.prefix_);
    const std::uint32_t below = *first & (out.size_ - 1);
    if (below != 0) {
        out.first_ -= below;
        return wrong(join({"bits below the prefix are set: ", text}),
                     "did you mean " + out.text() + "?");
    }
    return out;
}

std::optional<std::uint32_t> AddressRange::number(std::string_view address) const {
    const auto value = parse_ipv4(address);
    if (!value || *value < first_ || *value - first_ >= size_) return std::nullopt;
    return *value - first_;
}

std::string AddressRange::address(std::uint32_t number) const {
    return format_ipv4(first_ + number);
}

std::string AddressRange::text() const { return address(0) + "/" + std::to_string(prefix_); }

Identity make_identity(const std::string& address, std::uint32_t number) {
    Identity out;
    out.address = address;
    out.number = number;
    out.uuid = make_uuid(address);
    out.mac = make_mac(parse_ipv4(address).value_or(0));
    out.host_name = "pc-" + address;
    std::ranges::replace(out.host_name, '.', '-');
    out.digest_realm = "Digest:" + hex_upper(sixteen_bytes(address, 3));
    return out;
}

}  // namespace oob::sim
