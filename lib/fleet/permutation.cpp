#include "fleet/permutation.h"

#include <bit>

namespace oob::fleet {

namespace {

constexpr unsigned rounds = 4;

/// The finisher of splitmix64: every bit of the input touches every bit of the output.
std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9U;
    value = (value ^ value >> 27) * 0x94d049bb133111ebU;
    return value ^ value >> 31;
}

}  // namespace

Permutation::Permutation(std::uint64_t size, std::uint64_t seed) : size_(size), seed_(seed) {
    const auto bits = static_cast<unsigned>(std::bit_width(size > 1 ? size - 1 : 1));
    half_bits_ = (bits + 1) / 2;
}

std::uint64_t Permutation::shuffle(std::uint64_t value) const {
    const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
    std::uint64_t left = value >> half_bits_;
    std::uint64_t right = value & mask;
    for (unsigned round = 0; round < rounds; ++round) {
        const std::uint64_t next =
            left ^ (mixed(right ^ seed_ ^ std::uint64_t{round} << 56) & mask);
        left = right;
        right = next;
    }
    return left << half_bits_ | right;
}

std::uint64_t Permutation::at(std::uint64_t index) const {
    // The network covers fewer than four times as many numbers, and each walk comes back to its
    // beginning, so it must pass a number below size.
    std::uint64_t value = shuffle(index);
    while (value >= size_) value = shuffle(value);
    return value;
}

}  // namespace oob::fleet
