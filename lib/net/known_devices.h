#pragma once

#include "core/error.h"
#include "net/endpoint.h"
#include "net/task.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace oob::net {

/// The known-devices file: like ssh's known_hosts, one line a device, "host:port sha256:HEX
/// first-seen". Hosts are compared by their keys (core/host.h), so LOCALHOST is localhost. A change
/// is written to a temporary file, synced and renamed, mode 0600, under a lock, so that programs
/// may run side by side and a crash leaves the old file (contract, section 5). A line is never
/// replaced: a key that a person gave up is removed by hand.
class KnownDevices {
 public:
    /// `path` may be the reason why there is none, which is then the error of what needs the file.
    explicit KnownDevices(Result<std::filesystem::path> path) : path_(std::move(path)) {}

    /// The fingerprint on record; nothing when the device is new. Reads the file on first use.
    /// Error: class `config`, code `config.known_devices`, when it cannot be read, a line makes no
    /// sense, or two lines give this device different keys.
    Result<std::optional<std::string>> find(const Endpoint& endpoint);
    /// Adds a line for the device; once it returns, the line is on disk. Devices that come within a
    /// twentieth of a second share one writing of the file. Must outlive the loop. Throws Failure
    /// as find(), and tls.changed when another key is on record by then, be it that another
    /// program, or somebody who waits for the same writing, came first: for the device, or for
    /// `address` with its port.
    Task<void> record(Endpoint endpoint, std::string fingerprint,
                      std::optional<std::string> address = {});
    /// True when record() has put the device's key on record in this run: then nobody has compared
    /// it yet.
    bool is_new(const Endpoint& endpoint) const;
    /// What to say of a device, as it is called in the file, that shows another key than the one on
    /// record.
    Error changed(std::string_view place, std::string_view known, std::string_view shown) const;

 private:
    struct Line {
        std::string fingerprint;
        std::string first_seen;
    };

    /// By host and port. More than one line only where the file names one device in two ways and
    /// with two keys.
    using Lines = std::map<std::string, std::vector<Line>>;
    struct Wish;
    struct Batch;

    Result<void> load();
    Result<void> add(std::vector<Wish>& wishes);
    Result<void> grant(const Wish& wish);
    std::string text() const;

    Result<std::filesystem::path> path_;
    Lines lines_;
    std::vector<std::string> notes_;  // comments that people have written into it
    std::set<std::string> new_;       // by host and port
    bool loaded_ = false;
    std::weak_ptr<Batch> batch_;  // belongs to the loop: to its timer, and to those who wait
};

}  // namespace oob::net
