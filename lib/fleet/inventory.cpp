#include "fleet/inventory.h"

#include "core/file.h"
#include "core/text.h"
#include "core/user_folders.h"

#include <toml++/toml.h>

#include <algorithm>
#include <map>

namespace oob::fleet {

namespace {

std::unexpected<Error> bad_toml(const std::filesystem::path& path,
                                const toml::source_region& source, std::string_view why,
                                std::string hint = "see 'man oob-config'") {
    return std::unexpected(
        Error(Class::config, "config.toml",
              join({path.string(), ", line ", std::to_string(source.begin.line), ": ", why}),
              std::move(hint)));
}

/// What stands under a key, as far as a key takes it.
Value value_of(const toml::node& node) {
    if (const auto* const text = node.as_string()) return text->get();
    if (const auto* const flag = node.as_boolean()) return flag->get();
    if (const auto* const number = node.as_integer()) return number->get();
    return node.is_table() ? Value::object() : Value();
}

/// All settings of a table; the `hosts` of a group are left to read_hosts().
Result<Settings> read_settings(const std::filesystem::path& path, const toml::table& table,
                               Scope scope) {
    Settings settings;
    for (const auto& [key, node] : table) {
        if (key == "hosts" && scope == Scope::group) continue;
        if (auto read = read_setting(key.str(), value_of(node), scope, settings); !read)
            return bad_toml(path, node.source(), read.error().message, read.error().hint);
    }
    return settings;
}

/// One word of a group: a host or a range of hosts.
Result<void> check_member(std::string_view word) {
    if (word.starts_with('@'))
        return std::unexpected(
            Error(Class::config, "config.toml",
                  join({"a group holds hosts and ranges, not the group ", shown(word)})));
    const auto range = TargetRange::parse(word);
    if (!range) return std::unexpected(range.error());
    for (const auto index : range->edges())
        if (const auto target = parse_target(range->at(index)); !target)
            return std::unexpected(target.error());
    return {};
}

Result<std::vector<std::string>> read_hosts(const std::filesystem::path& path,
                                            std::string_view group, const toml::table& table) {
    const auto* const node = table.get("hosts");
    const auto* const list = node ? node->as_array() : nullptr;
    if (node && !list)
        return bad_toml(path, node->source(), "hosts wants a list: hosts = [\"pc1\", \"pc2\"]");
    if (!list || list->empty())
        return bad_toml(path, node ? node->source() : table.source(),
                        join({"group '", group, "' has no hosts"}));
    std::vector<std::string> out;
    for (const auto& entry : *list) {
        const auto* const word = entry.as_string();
        if (!word)
            return bad_toml(path, entry.source(), "hosts wants texts: hosts = [\"pc1\", \"pc2\"]");
        if (auto good = check_member(word->get()); !good)
            return bad_toml(path, entry.source(), good.error().message);
        out.push_back(word->get());
    }
    return out;
}

/// What one file says.
struct Contents {
    struct Group {
        std::string name;
        std::vector<std::string> hosts;
        Settings settings;
    };
    Settings defaults;
    std::vector<Group> groups;
    std::vector<std::pair<std::string, Settings>> hosts;  ///< by their keys
};

/// The tables below [hosts] or [groups]. A name that means the same as one before is a slip: two
/// tables would say different things of one host.
Result<void> read_tables(const std::filesystem::path& path, const toml::table& tables, Scope scope,
                         Contents& out) {
    std::map<std::string, toml::source_region> seen;
    for (const auto& [name, node] : tables) {
        const std::string_view written = name.str();
        const auto* body = node.as_table();
        if (!body) return bad_toml(path, node.source(), join({"'", written, "' wants a table"}));
        std::string key = lower(written);
        if (scope == Scope::host) {
            auto host = parse_host(written);
            if (!host)
                return bad_toml(path, node.source(),
                                join({"this table is for no host: ", host.error().message}));
            key = std::move(host->key);
        }
        if (key.empty()) return bad_toml(path, node.source(), "a group without a name");
        const auto [same, is_new] = seen.emplace(key, node.source());
        if (!is_new) {  // they do not come in the file's order
            const bool before = node.source().begin < same->second.begin;
            return bad_toml(path, before ? same->second : node.source(),
                            join({"there is another table for '", key, "' in this file"}));
        }
        auto settings = read_settings(path, *body, scope);
        if (!settings) return std::unexpected(settings.error());
        if (scope == Scope::host) {
            out.hosts.emplace_back(std::move(key), *std::move(settings));
            continue;
        }
        auto hosts = read_hosts(path, written, *body);
        if (!hosts) return std::unexpected(hosts.error());
        out.groups.push_back({std::move(key), *std::move(hosts), *std::move(settings)});
    }
    return {};
}

/// A key outside of all tables.
std::unexpected<Error> stray_key(const std::filesystem::path& path, std::string_view key,
                                 const toml::node& node) {
    const auto keys = setting_keys(Scope::everybody);
    const bool known = std::ranges::find(keys, key) != keys.end();
    return bad_toml(path, node.source(), join({"unknown key '", key, "'"}),
                    known ? "it stands below [defaults]" : "see 'man oob-config'");
}

std::unexpected<Error> stray_table(const std::filesystem::path& path, std::string_view key,
                                   const toml::node& node) {
    const auto near = nearest(key, {"defaults", "groups", "hosts"});
    return bad_toml(path, node.source(), join({"unknown table '", key, "'"}),
                    near.empty() ? "known are [defaults], [groups.NAME] and [hosts.\"NAME\"]"
                                 : join({"did you mean ", near, "?"}));
}

Result<Contents> read_contents(const std::filesystem::path& path, const toml::table& root) {
    Contents out;
    for (const auto& [key, node] : root) {
        const auto* table = node.as_table();
        if (!table) return stray_key(path, key.str(), node);
        Result<void> read;
        if (key == "defaults") {
            auto settings = read_settings(path, *table, Scope::everybody);
            if (!settings) return std::unexpected(settings.error());
            out.defaults = *std::move(settings);
        } else if (key == "groups") {
            read = read_tables(path, *table, Scope::group, out);
        } else if (key == "hosts") {
            read = read_tables(path, *table, Scope::host, out);
        } else {
            read = stray_table(path, key.str(), node);
        }
        if (!read) return std::unexpected(read.error());
    }
    return out;
}

}  // namespace

Result<void> Inventory::add_toml(const std::filesystem::path& path) {
    const auto text = read_file(path, "config.read");
    if (!text) return std::unexpected(text.error());
    toml::table root;
    try {
        root = toml::parse(*text, path.string());
    } catch (const toml::parse_error& error) {
        return bad_toml(path, error.source(), error.description());
    }
    auto contents = read_contents(path, root);
    if (!contents) return std::unexpected(contents.error());
    contents->defaults.inherit(defaults_);
    defaults_ = std::move(contents->defaults);
    for (auto& [key, settings] : contents->hosts) {
        settings.inherit(hosts_[key]);
        hosts_[key] = std::move(settings);
    }
    for (auto& group : contents->groups)
        groups_.push_back(
            {std::move(group.name), std::move(group.hosts), std::move(group.settings)});
    return {};
}

void Inventory::add_target(Target target) { listed_.push_back(std::move(target)); }

std::unexpected<Error> Inventory::no_group(std::string_view name) const {
    std::vector<std::string_view> known;
    for (const auto& group : groups_) known.emplace_back(group.name);
    const std::string key = lower(name);
    const auto near = nearest(key, known);
    return std::unexpected(Error(Class::usage, "usage.group", "no group @" + shown(name),
                                 near.empty()
                                     ? "groups come from the configuration and from --inventory"
                                     : join({"did you mean @", near, "?"})));
}

Result<std::vector<Target>> Inventory::expand(std::string_view word) const {
    std::vector<Target> out;
    if (word.starts_with('@')) {
        const std::string name = lower(word.substr(1));
        bool found = name == "all" && !listed_.empty();
        if (found) out = listed_;
        for (const auto& group : groups_) {
            if (group.name != name) continue;
            found = true;
            for (const auto& host : group.hosts) {
                auto members = expand(host);
                if (!members) return members;
                std::ranges::move(*members, std::back_inserter(out));
            }
        }
        if (!found) return no_group(word.substr(1));
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

bool Inventory::holds(const GroupEntry& group, const std::string& key) {
    if (!group.members) {
        group.members.emplace();
        for (const auto& word : group.hosts) {
            const auto range = TargetRange::parse(word);
            if (!range) continue;
            for (std::uint64_t i = 0; i < range->size(); ++i)
                if (const auto member = parse_target(range->at(i)))
                    group.members->insert(host_key(member->host));
        }
    }
    return group.members->contains(key);
}

Settings Inventory::settings_of(const Target& target) const {
    std::vector<std::string> keys{host_key(target.host)};
    if (std::string name = host_key(target.name); name != keys.front())
        keys.push_back(std::move(name));
    Settings out;
    for (const auto& key : keys) {
        const auto found = hosts_.find(key);
        if (found == hosts_.end()) continue;
        Settings settings = found->second;
        if (key != keys.front()) settings.address.reset();
        out.inherit(settings);
    }
    for (const auto& group : groups_)
        if (std::ranges::any_of(keys, [&](const auto& key) { return holds(group, key); }))
            out.inherit(group.settings);
    out.inherit(defaults_);
    return out;
}

std::vector<std::filesystem::path> configuration_files() {
    std::vector<std::filesystem::path> out{"/etc/oob/config.toml"};
    if (const auto folder = configuration_folder()) out.push_back(*folder / "config.toml");
    return out;
}

}  // namespace oob::fleet
