#pragma once

#include "core/error.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oob::sim {

/// What a device does wrong on purpose.
struct Faults {
    /// A reply in small pieces, each a write of its own.
    struct Dribble {
        std::size_t bytes = 1;
        std::chrono::milliseconds pause{1};
    };
    enum class Body { whole, malformed, endless };

    std::chrono::milliseconds latency{0};  ///< before each reply
    std::chrono::milliseconds jitter{0};   ///< up to so much more, evenly spread
    std::optional<Dribble> dribble;
    std::optional<std::size_t> reset_at;  ///< a TCP reset after so many bytes of a reply
    bool wrong_digest = false;            ///< right passwords are refused too
    bool stale_nonce = false;             ///< right logins get a fresh challenge
    std::optional<int> status;            ///< every request is answered with it, unseen
    Body body = Body::whole;              ///< of SOAP replies
    std::optional<std::uint64_t> cut;     ///< redirection: a TCP reset after so many bytes came in
    bool mute = false;                    ///< redirection: nothing is said any more
    std::chrono::milliseconds round_trip{0};  ///< redirection: of the line
    std::uint64_t rate = 0;                   ///< redirection: bytes a second; 0: no limit
    bool changed_certificate = false;         ///< another key and certificate than at first
    std::optional<std::string> uuid;          ///< "all-f", "duplicate" or a UUID
    std::optional<unsigned> count;  ///< all of it ends after so many requests that it touched

    /// As parse_faults reads it; empty when there is none.
    std::string describe() const;
};

/// Reads "latency=200ms,jitter=50ms,dribble=7/5ms,reset=600,digest=wrong,nonce=stale,status=503,
/// body=malformed|endless,certificate=changed,cut=1000000,mute=on,rtt=20ms,rate=500000,uuid=all-f|duplicate|UUID,count=3";
/// "none" is no fault at all. Error: class `usage`, code `usage.fault`.
Result<Faults> parse_faults(std::string_view text);

/// "127.77.0.5:latency=200ms" split at the colon that follows an address; without one the address
/// is empty.
struct AddressedFaults {
    std::string address;
    Faults faults;
};
Result<AddressedFaults> parse_addressed_faults(std::string_view text);

}  // namespace oob::sim
