#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

namespace oob::media {

/// What a host did with a disk that is lent to it. Grows over all connections of one loan.
struct Statistics {
    /// Parts of the image that are counted apart, to see which ones the host reads most.
    static constexpr std::size_t parts = 64;

    std::uint64_t commands = 0;
    std::uint64_t reads = 0;
    std::uint64_t read_bytes = 0;
    std::uint64_t writes = 0;
    std::uint64_t written_bytes = 0;
    std::uint64_t failures = 0;    ///< commands that were answered with sense data
    std::uint64_t resets = 0;      ///< of the host
    std::uint64_t reconnects = 0;  ///< after the connection was lost
    std::uint64_t stalls = 0;      ///< answers that took a second or longer
    std::chrono::milliseconds longest_stall{0};
    std::chrono::microseconds round_trip{0};  ///< to the device, measured at the beginning
    std::chrono::steady_clock::time_point first_command{};
    std::chrono::steady_clock::time_point last_command{};
    std::string last;  ///< "READ(10)"
    std::array<std::uint64_t, parts> reads_of_part{};
};

}  // namespace oob::media
