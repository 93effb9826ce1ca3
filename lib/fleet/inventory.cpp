#include "fleet/inventory.h"

#include "core/file.h"
#include "core/text.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace oob::fleet {

namespace {

std::unexpected<Error> bad_toml(const std::filesystem::path& path,
                                const toml::source_region& source, std::string_view why) {
    return std::unexpected(
        Error(Class::config, "config.toml",
              join({path.string(), ", line ", std::to_string(source.begin.line), ": ", why}),
              "see 'man oob-power', section FILES, for the keys"));
}

using TextKey = std::pair<std::string_view, std::optional<std::string> Settings::*>;
using FlagKey = std::pair<std::string_view, std::optional<bool> Settings::*>;

constexpr std::array<TextKey, 7> text_keys{{{"user", &Settings::user},
                                            {"credential", &Settings::credential},
                                            {"address", &Settings::address},
                                            {"uuid", &Settings::uuid},
                                            {"pin", &Settings::pin},
                                            {"via", &Settings::via},
                                            {"tls_ca", &Settings::tls_ca}}};
constexpr std::array<FlagKey, 2> flag_keys{
    {{"tls_compat", &Settings::tls_compat}, {"allow_plaintext", &Settings::allow_plaintext}}};

Result<void> read_setting(const std::filesystem::path& path, std::string_view key,
                          const toml::node& node, Settings& settings) {
    for (const auto& [name, member] : text_keys) {
        if (name != key) continue;
        const auto text = node.value<std::string>();
        if (!text || !node.is_string())
            return bad_toml(path, node.source(), join({key, " wants a text"}));
        settings.*member = *text;
        return {};
    }
    for (const auto& [name, member] : flag_keys) {
        if (name != key) continue;
        if (!node.is_boolean())
            return bad_toml(path, node.source(), join({key, " wants true or false"}));
        settings.*member = node.value<bool>();
        return {};
    }
    return bad_toml(path, node.source(), join({"unknown key '", key, "'"}));
}

/// All settings of a table; `hosts` is left to the caller.
Result<Settings> read_settings(const std::filesystem::path& path, const toml::table& table) {
    Settings settings;
    for (const auto& [key, node] : table) {
        if (key == "hosts") continue;
        if (auto read = read_setting(path, key.str(), node, settings); !read)
            return std::unexpected(read.error());
    }
    if (settings.pin) {
        auto pin = parse_pin(*settings.pin);
        if (!pin) return bad_toml(path, table.source(), pin.error().message);
        settings.pin = *pin;
    }
    return settings;
}

}  // namespace

void Settings::inherit(const Settings& wider) {
    for (const auto& [name, member] : text_keys)
        if (!(this->*member)) this->*member = wider.*member;
    for (const auto& [name, member] : flag_keys)
        if (!(this->*member)) this->*member = wider.*member;
}

Result<void> Inventory::add_toml(const std::filesystem::path& path) {
    const auto text = read_file(path, "config.read");
    if (!text) return std::unexpected(text.error());
    toml::table root;
    try {
        root = toml::parse(*text, path.string());
    } catch (const toml::parse_error& error) {
        return bad_toml(path, error.source(), error.description());
    }
    for (const auto& [key, node] : root) {
        const auto* table = node.as_table();
        if (!table) return bad_toml(path, node.source(), join({"unknown key '", key.str(), "'"}));
        if (key == "defaults") {
            auto settings = read_settings(path, *table);
            if (!settings) return std::unexpected(settings.error());
            settings->inherit(defaults_);
            defaults_ = *settings;
            continue;
        }
        if (key != "groups" && key != "hosts")
            return bad_toml(path, node.source(), join({"unknown table '", key.str(), "'"}));
        for (const auto& [name, entry] : *table) {
            const auto* body = entry.as_table();
            if (!body)
                return bad_toml(path, entry.source(), join({"'", name.str(), "' wants a table"}));
            auto settings = read_settings(path, *body);
            if (!settings) return std::unexpected(settings.error());
            if (key == "hosts") {
                settings->inherit(hosts_[std::string(name.str())]);
                hosts_[std::string(name.str())] = *settings;
                continue;
            }
            GroupEntry group{std::string(name.str()), {}, *settings};
            if (const auto* hosts = (*body)["hosts"].as_array())
                for (const auto& host : *hosts)
                    if (const auto word = host.value<std::string>()) group.hosts.push_back(*word);
            groups_.push_back(std::move(group));
        }
    }
    return {};
}

void Inventory::add_target(Target target) { listed_.push_back(std::move(target)); }

Result<std::vector<Target>> Inventory::expand(std::string_view word) const {
    std::vector<Target> out;
    if (word.starts_with('@')) {
        const auto name = word.substr(1);
        bool found = name == "all" && !listed_.empty();
        if (found) out = listed_;
        for (const auto& group : groups_) {
            if (group.name != name) continue;
            found = true;
            for (const auto& host : group.hosts) {
                if (host.starts_with('@'))
                    return std::unexpected(
                        Error(Class::config, "config.group",
                              join({"group ", name, " names the group ", host}),
                              "a group holds hosts and ranges; name both groups instead"));
                auto members = expand(host);
                if (!members) return members;
                std::ranges::move(*members, std::back_inserter(out));
            }
        }
        if (!found)
            return std::unexpected(
                Error(Class::usage, "usage.group", join({"no group ", word}),
                      "groups come from the configuration and from --inventory"));
        return out;
    }
    const auto range = TargetRange::parse(word);
    if (!range) return std::unexpected(range.error());
    out.reserve(range->size());
    for (std::uint64_t i = 0; i < range->size(); ++i) {
        const std::string text = range->at(i);
        auto target = parse_target(text);
        const bool bare = text.find("://") == std::string::npos;
        if (target && bare && settings_of(*target).allow_plaintext.value_or(false))
            target = parse_target(join({amt_plain_scheme, "://", text}));
        if (!target) return std::unexpected(target.error());
        out.push_back(*std::move(target));
    }
    return out;
}

bool Inventory::holds(const GroupEntry& group, const std::string& name) {
    if (!group.members) {
        group.members.emplace();
        for (const auto& word : group.hosts) {
            const auto range = TargetRange::parse(word);
            if (!range) continue;
            for (std::uint64_t i = 0; i < range->size(); ++i) group.members->insert(range->at(i));
        }
    }
    return group.members->contains(name);
}

Settings Inventory::settings_of(const std::string& name) const {
    Settings out;
    if (const auto host = hosts_.find(name); host != hosts_.end()) out = host->second;
    for (const auto& group : groups_)
        if (holds(group, name)) out.inherit(group.settings);
    out.inherit(defaults_);
    return out;
}

std::vector<std::filesystem::path> configuration_files() {
    std::vector<std::filesystem::path> out{"/etc/oob/config.toml"};
    if (const char* folder = std::getenv("XDG_CONFIG_HOME"); folder && *folder == '/')
        out.emplace_back(std::filesystem::path(folder) / "oob/config.toml");
    else if (const char* home = std::getenv("HOME"); home && *home == '/')
        out.emplace_back(std::filesystem::path(home) / ".config/oob/config.toml");
    return out;
}

}  // namespace oob::fleet
