#pragma once

#include "core/error.h"
#include "core/secret.h"
#include "core/value.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace oob::sim {

struct Personality;
class Store;

using Now = std::function<std::chrono::system_clock::time_point()>;

/// What tells one device of a fleet from the next; derived from its address, so it is the same in
/// every run.
struct Identity {
    std::string address;   ///< "127.77.0.5"
    std::uint32_t number;  ///< position in the fleet
    std::string uuid;      ///< as text, lower case
    std::string mac;       ///< "02:00:7f:4d:00:05"
    std::string host_name;
    std::string digest_realm;  ///< "Digest:" and 32 upper-case hex digits
};

/// An account as the firmware keeps it.
struct Account {
    std::string name;
    std::string ha1;            ///< MD5(user:realm:password), lower-case hex
    std::set<unsigned> realms;  ///< reference wsman-classes, C7
};

/// Which port a request came in on, and for whom.
struct Caller {
    Account account;
    bool tls = false;
};

/// What a redirection session is for.
enum class Redirected { sol, ider, kvm };

/// Why a redirection session may not start, by AMT's numbers (reference redirection, section 6.1).
enum class SessionRefusal : std::uint8_t { none = 0, disabled = 3, consent = 5 };

enum class Port { http, https, redirection, redirection_tls };

/// What came of one WS-Man request.
struct Answer {
    int status = 200;  ///< 200, or 400 for a fault
    std::string body;  ///< the SOAP envelope
    Value journal;  ///< what the device understood: operation, class, method, selectors, parameters
                    ///< (secrets left out), return_value, fault
};

/// One virtual computer with its management engine. Knows no socket: bytes are brought to it. Time
/// comes from `now`, and transitions are worked out when somebody looks, so tests need not wait.
class Device {
 public:
    /// `password` is admin's, kept as its digest only.
    Device(std::shared_ptr<const Personality> personality, Identity identity,
           const Secret& password, Now now);
    ~Device();
    Device(Device&&) noexcept;

    const Personality& personality() const;
    const Identity& identity() const;

    /// The account of that exact name, or null.
    const Account* account(std::string_view name) const;
    /// Changes on a full unprovision.
    std::string_view digest_realm() const;
    /// Open according to generation, provisioning and settings: 16.1 and later have no plain remote
    /// port.
    bool port_open(Port port) const;

    /// Answers the body of a POST to /wsman for an authenticated caller.
    Answer answer(std::string_view soap, const Caller& caller);

    /// So many logins in a row have failed: the event log gets its record (reference wsman,
    /// section 8.1).
    void logins_failed(unsigned count);

    SessionRefusal refusal(Redirected kind) const;
    /// A redirection session was opened or closed: power-off is refused while one is open.
    void redirection_session(Redirected kind, bool open);
    /// Goes up when the sessions of that kind were ended from outside: over WS-Man, or because
    /// redirection was switched off.
    std::uint64_t dropped_sessions(Redirected kind) const;
    bool host_on() const;
    /// How often the host has started.
    std::uint64_t host_starts() const;
    /// What it started from the last time: "hard-drive", "ider-cd".
    std::string booted_from() const;

    /// Everything a test may want to look at, one JSON-like object.
    Value state() const;
    /// Changes one entry of state() by its dotted key ("power", "boot.use_sol", "clock_offset_s").
    /// Error: class `usage`, code `sim.key` or `sim.value`, with the keys that exist as hint.
    Result<void> set(std::string_view key, const Value& value);

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace oob::sim
