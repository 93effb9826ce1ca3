#pragma once

#include "core/error.h"
#include "net/endpoint.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace oob::net {

/// The known-devices file: like ssh's known_hosts, one line a device, "host:port sha256:HEX
/// first-seen". A change is written to a temporary file, synced and renamed, mode 0600, under a
/// lock, so that programs may run side by side and a crash leaves the old file (contract, section
/// 5).
class KnownDevices {
 public:
    explicit KnownDevices(std::filesystem::path path) : path_(std::move(path)) {}

    const std::filesystem::path& path() const { return path_; }
    /// The fingerprint on record; nothing when the device is new. Reads the file on first use.
    /// Error: class `config`, code `config.known_devices`, when it cannot be read or a line makes
    /// no sense.
    Result<std::optional<std::string>> find(const Endpoint& endpoint);
    /// Adds or replaces the device's line. Errors as find().
    Result<void> record(const Endpoint& endpoint, const std::string& fingerprint);

 private:
    struct Line {
        std::string fingerprint;
        std::string first_seen;
    };

    Result<void> load();
    Result<void> save() const;

    std::filesystem::path path_;
    std::map<std::string, Line> lines_;
    bool loaded_ = false;
};

}  // namespace oob::net
