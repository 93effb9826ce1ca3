#pragma once

#include "core/error.h"
#include "net/endpoint.h"
#include "net/task.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace oob::net {

/// The known-devices file: like ssh's known_hosts, one line a device, "host:port sha256:HEX
/// first-seen". Hosts are compared by their keys (core/host.h), so LOCALHOST is localhost. A change
/// is written to a temporary file, synced and renamed, mode 0600, under a lock, so that programs
/// may run side by side and a crash leaves the old file (contract, section 5).
class KnownDevices {
 public:
    explicit KnownDevices(std::filesystem::path path) : path_(std::move(path)) {}

    const std::filesystem::path& path() const { return path_; }
    /// The fingerprint on record; nothing when the device is new. Reads the file on first use.
    /// Error: class `config`, code `config.known_devices`, when it cannot be read, a line makes no
    /// sense, or two lines give this device different keys.
    Result<std::optional<std::string>> find(const Endpoint& endpoint);
    /// Adds or replaces the device's line; once it returns, the line is on disk. Devices that come
    /// within a twentieth of a second share one writing of the file. Must outlive the loop. Throws
    /// Failure as find().
    Task<void> record(Endpoint endpoint, std::string fingerprint);

 private:
    struct Line {
        std::string fingerprint;
        std::string first_seen;
    };

    /// By host and port. More than one line only where the file names one device in two ways and
    /// with two keys.
    using Lines = std::map<std::string, std::vector<Line>>;
    struct Batch;

    Result<void> load();
    Result<void> add(const Lines& lines);

    std::filesystem::path path_;
    Lines lines_;
    bool loaded_ = false;
    std::weak_ptr<Batch> batch_;  // belongs to the loop: to its timer, and to those who wait
};

}  // namespace oob::net
