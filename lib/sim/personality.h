#pragma once

#include "core/error.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oob::sim {

class Catalogue;

/// A firmware version: "16.1.25.2124" is 16, 1, 25, 2124; parts that are not said are 0.
struct Version {
    unsigned major = 0;
    unsigned minor = 0;
    unsigned patch = 0;
    unsigned build = 0;

    friend auto operator<=>(const Version&, const Version&) = default;
};

/// Reads one to four numbers between dots; nothing for anything else.
std::optional<Version> parse_version(std::string_view text);

enum class ControlMode { unprovisioned, client, admin };

/// Nonces: AMT's own (24 bytes: 4 varying, an 8-byte counter, 12 varying) or all of them random.
enum class NonceForm { counter, random };

/// The oldest and the newest TLS version that a device speaks: "1.0" to "1.3".
struct TlsRange {
    std::string lowest = "1.2";
    std::string highest = "1.2";
};

/// Which ports the generation has for the network at all; settings may close more.
struct Ports {
    bool http = true;
    bool https = true;
    bool redirection = true;
    bool redirection_tls = true;
};

/// What happens to logins after failures (reference wsman, section 1.9).
struct LockOut {
    unsigned failures = 10;
    std::chrono::seconds first{5};
    std::chrono::seconds longest{80};
    std::chrono::seconds forget{3600};
};

/// One memory module, or one drive.
struct Memory {
    std::uint64_t bytes = 0;
    unsigned mhz = 0;
};
struct Drive {
    std::string model;
    std::uint64_t kilobytes = 0;
};

/// The computer around the management engine.
struct Host {
    std::string manufacturer;
    std::string model;
    std::string version;
    std::string board_manufacturer;
    std::string board_model;
    std::string bios_vendor;
    std::string bios_version;
    std::string bios_date;  ///< "2020-08-10T00:00:00Z"
    std::string cpu;
    unsigned cpu_mhz = 0;
    unsigned chassis_type = 3;  ///< SMBIOS
    unsigned memory_type = 26;  ///< SMBIOS type 17
    bool battery = false;
    bool wireless = false;
    std::vector<Memory> memory;
    std::vector<Drive> drives;
};

/// One firmware generation on one computer: everything that is data and not behaviour. Shared by
/// all devices that have it. The meaning of every entry is in the head of data/personalities.toml.
struct Personality {
    std::string name;
    Version version;
    std::string server;  ///< the HTTP Server header, whole
    TlsRange tls;
    Ports ports;
    std::vector<std::string> qop;  ///< in the order of the challenge: "auth-int", "auth"
    NonceForm nonce = NonceForm::counter;
    ControlMode control_mode = ControlMode::admin;
    unsigned sku = 16392;
    LockOut lock_out;
    Host host;
    std::map<std::string, std::int64_t, std::less<>> quirks;
    std::shared_ptr<const Catalogue> catalogue;

    /// The number of a quirk; `otherwise` when the data does not say.
    std::int64_t quirk(std::string_view key, std::int64_t otherwise) const;
    /// "15.0.23": three numbers, as CIM_SoftwareIdentity has it.
    std::string short_version() const;

    /// A generation that the program carries: "15.0". Error: class `config`, code `sim.profile`,
    /// with the known names as hint.
    static Result<std::shared_ptr<const Personality>> builtin(std::string_view name);
    /// A file of the same form, which may say `extends = "15.0"` and override single entries, and
    /// add instances of its own. Errors: class `config`, code `sim.profile`, with the line.
    static Result<std::shared_ptr<const Personality>> load(const std::filesystem::path& path);
    /// The same from text; `name` stands in error messages.
    static Result<std::shared_ptr<const Personality>> parse(std::string_view text,
                                                            std::string_view name);
    /// Oldest first.
    static std::vector<std::string> builtin_names();
};

}  // namespace oob::sim
