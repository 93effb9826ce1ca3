#pragma once

#include "net/bell.h"
#include "net/group.h"
#include "net/tls_server.h"
#include "sim/console.h"
#include "sim/device.h"
#include "sim/digest_guard.h"
#include "sim/disk_bus.h"
#include "sim/faults.h"
#include "sim/journal.h"
#include "sim/personality.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>

namespace oob::sim {

/// A generation of firmware with what its devices share.
struct Firmware {
    std::shared_ptr<const Personality> personality;  // shared with the devices, which keep it too
    net::TlsAcceptor tls;
};

/// What a fleet's servers share and what they hold their peers to.
struct Limits {
    std::chrono::milliseconds idle{65'000};     ///< a kept-alive connection without a request
    std::chrono::milliseconds request{60'000};  ///< from a request's first byte to its last
    std::chrono::milliseconds write{60'000};    ///< one reply, pauses on purpose not counted
    std::chrono::milliseconds handshake{30'000};
    std::size_t header_bytes = 16 * 1024;
    std::size_t body_bytes = 256 * 1024;     ///< more is no request at all
    std::size_t envelope_bytes = 64 * 1024;  ///< more is answered with a fault
    std::size_t connections = 65'536;        ///< of the whole fleet
    std::size_t device_connections = 8;      ///< HTTP and HTTPS of one device; more are told 503
    std::size_t journal_entries = 262'144;   ///< of the whole fleet; the last one of a device stays
};

/// Counts something for as long as it lives.
class Counted {
 public:
    explicit Counted(std::size_t& count) : count_(count) { ++count_; }
    ~Counted() { --count_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

 private:
    std::size_t& count_;
};

/// The parts of a fleet that its members use.
struct Surroundings {
    Limits limits;
    Now now;
    std::mt19937_64 random{std::random_device{}()};
    std::uint64_t sequence = 0;       // of journal entries
    std::size_t journal_entries = 0;  // that are kept now, in the whole fleet
    std::string shared_uuid;          // what uuid=duplicate makes of every device
};

/// A device of a fleet, with all that its servers keep for it.
class Member {
 public:
    Member(Device device, Firmware& firmware, Surroundings& surroundings);
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    Firmware& firmware() { return firmware_; }
    Surroundings& surroundings() { return surroundings_; }

    /// Replaces all faults. Error: that of Device::set when the UUID cannot be changed.
    Result<void> set_faults(Faults faults);
    const Faults& faults() const { return faults_; }
    /// A request was touched by a fault; the last one that counts ends them all.
    void spend_fault();

    /// Adds sequence and time. When the fleet keeps as many entries as it may, the device's oldest
    /// one goes.
    void record(JournalEntry entry);
    void clear_journal();

    Device device;
    DigestGuard guard;
    Journal journal;
    std::size_t connections = 0;                        ///< HTTP and HTTPS, open now
    std::set<Redirected> redirected;                    ///< sessions that are open now
    Console console;                                    ///< what the host does on its serial port
    net::Bell console_changed;                          ///< bytes came in or went out of it
    DiskBus disks;                                      ///< drives that a client lends to the host
    net::Group host;                                    ///< what the host does on its own
    std::optional<net::ServerCertificate> certificate;  ///< made on the first handshake
    std::optional<net::ServerCertificate>
        changed_certificate;  ///< the same for certificate=changed

 private:
    Firmware& firmware_;          // of the fleet, which outlives its members
    Surroundings& surroundings_;  // likewise
    Faults faults_;
};

}  // namespace oob::sim
