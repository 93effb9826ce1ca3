#pragma once

#include <cstdint>

namespace oob::fleet {

/// The numbers below `size` in an order that looks random and is the same for the same seed, each
/// exactly once; no list is kept. A Feistel network over the next even number of bits, walked until
/// it lands below `size`.
class Permutation {
 public:
    Permutation(std::uint64_t size, std::uint64_t seed);

    std::uint64_t size() const { return size_; }
    /// The number at place `index`, which is below size().
    std::uint64_t at(std::uint64_t index) const;

 private:
    std::uint64_t shuffle(std::uint64_t value) const;

    std::uint64_t size_;
    std::uint64_t seed_;
    unsigned half_bits_ = 1;
};

}  // namespace oob::fleet
