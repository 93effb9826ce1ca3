#pragma once

#include "core/error.h"
#include "core/target.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace oob::fleet {

/// What configuration says of a host, a group or everything. Unset members leave the next wider one
/// in force.
struct Settings {
    std::optional<std::string> user;
    std::optional<std::string> credential;  ///< a reference, never a password
    std::optional<std::string> address;
    std::optional<std::string> uuid;
    std::optional<std::string> pin;
    std::optional<std::string> via;
    std::optional<std::string> tls_ca;
    std::optional<bool> tls_compat;
    std::optional<bool> allow_plaintext;

    /// Takes over what `wider` has and this has not.
    void inherit(const Settings& wider);
};

/// Hosts and groups out of configuration files and inventories (contract, section 6).
class Inventory {
 public:
    /// Adds a TOML file; later files win. Names of hosts and groups are compared as host_key() has
    /// them. Errors: class `config`, code `config.read` or `config.toml`, with the line: for what
    /// cannot be meant too, an address that is none, a group without hosts.
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
