#pragma once

#include "core/error.h"
#include "core/target.h"
#include "fleet/settings.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace oob::fleet {

/// Hosts and groups out of configuration files and inventories (contract, section 6).
class Inventory {
 public:
    /// Adds a TOML file; later files win. Names of hosts and groups are compared as host_key() has
    /// them. Errors: class `config`, code `config.read` or `config.toml`, with the line: for what
    /// cannot be meant too, an address that is none, a group without hosts, a key that nobody
    /// knows. A `profile` of a host or group is left alone: it is oob-provision's.
    Result<void> add_toml(const std::filesystem::path& path);
    /// Adds targets of an NDJSON inventory: its members stand in group "all".
    void add_target(Target target);

    /// Spells one word of the command line out: "@group", a range, a name or a URL. A bare name
    /// means TLS, or plain HTTP where `allow_plaintext` says so. Errors: class `usage`.
    Result<std::vector<Target>> expand(std::string_view word) const;
    /// Host, then its groups in the order of their files, then the defaults. A target is found by
    /// its host, then by its name, which a record may have told; but a name never says where to
    /// connect.
    Settings settings_of(const Target& target) const;
    /// What holds for everything that no narrower table speaks of.
    const Settings& defaults() const { return defaults_; }

 private:
    struct GroupEntry {
        std::string name;                // lower case
        std::vector<std::string> hosts;  // as written: ranges stay ranges
        Settings settings;
        /// The keys of the hosts, spelt out when somebody first asks: a run asks for each target.
        mutable std::optional<std::unordered_set<std::string>> members{};
    };

    static bool holds(const GroupEntry& group, const std::string& key);
    std::unexpected<Error> no_group(std::string_view name) const;

    Settings defaults_;
    std::vector<GroupEntry> groups_;
    std::map<std::string, Settings, std::less<>> hosts_;  // by key
    std::vector<Target> listed_;
};

/// The configuration files in their order, whether they exist or not: /etc, then the user's.
std::vector<std::filesystem::path> configuration_files();

}  // namespace oob::fleet
