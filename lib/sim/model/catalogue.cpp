#include "sim/model/catalogue.h"

#include "codec/wsman/schema.h"
#include "core/text.h"
#include "sim/model/text_template.h"
#include "sim/toml_reader.h"

#include <algorithm>
#include <array>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

/// What an instance's texts may say about the generation and its computer, worked out once.
std::optional<std::string> generation_value(const Personality& personality, std::string_view name) {
    const Host& host = personality.host;
    const Version& version = personality.version;
    if (name == "version") return personality.short_version();
    if (name == "major_minor")
        return join({std::to_string(version.major), ".", std::to_string(version.minor)});
    if (name == "build") return std::to_string(version.build);
    if (name == "sku") return std::to_string(personality.sku);
    if (name == "manufacturer") return host.manufacturer;
    if (name == "model") return host.model;
    if (name == "host_version") return host.version;
    if (name == "board_manufacturer") return host.board_manufacturer;
    if (name == "board_model") return host.board_model;
    if (name == "bios_vendor") return host.bios_vendor;
    if (name == "bios_version") return host.bios_version;
    if (name == "bios_date") return host.bios_date;
    if (name == "cpu") return host.cpu;
    if (name == "cpu_mhz") return std::to_string(host.cpu_mhz);
    if (name == "chassis_type") return std::to_string(host.chassis_type);
    if (name == "memory_type") return std::to_string(host.memory_type);
    return std::nullopt;
}

/// The values of one item of a repeated instance.
using Item = std::map<std::string, std::string, std::less<>>;

std::vector<Item> items_of(const Personality& personality, std::string_view repeat) {
    std::vector<Item> items;
    if (repeat == "memory") {
        for (const Memory& memory : personality.host.memory)
            items.push_back({{"item_bytes", std::to_string(memory.bytes)},
                             {"item_mhz", std::to_string(memory.mhz)}});
    } else if (repeat == "drives") {
        for (const Drive& drive : personality.host.drives)
            items.push_back(
                {{"item_model", drive.model}, {"item_kilobytes", std::to_string(drive.kilobytes)}});
    } else {
        items.emplace_back();
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        items[i]["item_index"] = std::to_string(i);
        items[i]["item_bank"] = std::to_string(2 * i);
        items[i]["item_suffix"] = i == 0 ? std::string() : join({" (#", std::to_string(i), ")"});
    }
    return items;
}

std::vector<std::string> texts(const TomlNode& table, std::string_view key) {
    std::vector<std::string> out;
    for (const TomlNode& entry : table.inner(key).items)
        if (const auto text = entry.scalar()) out.push_back(*text);
    return out;
}

/// Members of that name go behind all others.
void move_last(Members& members, std::string_view name) {
    Members last;
    std::ranges::copy_if(members, std::back_inserter(last),
                         [&](const Member& one) { return one.name == name; });
    std::erase_if(members, [&](const Member& one) { return one.name == name; });
    members.insert(members.end(), last.begin(), last.end());
}

constexpr std::array<std::string_view, 14> rule_keys{
    "includes", "keys",         "read_only", "write_only", "quiet_put", "realm", "write_realm",
    "create",   "one_per_pull", "delete",    "put",        "since",     "until", "if"};
constexpr std::array<std::string_view, 10> instance_keys{
    "class",  "since",   "until",        "if",   "repeat",
    "system", "members", "member_since", "last", "factory"};

}  // namespace

void sort_by_name(Members& members) {
    for (auto next = members.begin(); next != members.end(); ++next) {
        const auto place =
            std::ranges::upper_bound(members.begin(), next, next->name, {}, &Member::name);
        std::rotate(place, next, next + 1);
    }
}

/// Fills a Catalogue from documents, one after the other.
class CatalogueReader {
 public:
    explicit CatalogueReader(const Personality& personality) : personality_(personality) {}

    Result<void> read(std::string_view document, const std::string& name) {
        document_ = name;
        const auto root = parse_toml(document, name);
        if (!root) return std::unexpected(root.error());
        for (const auto& [key, node] : root->inner("class").members)
            if (auto done = read_rule(key, node); !done) return done;
        for (const TomlNode& node : root->inner("instance").items)
            if (auto done = read_instance(node); !done) return done;
        return {};
    }

    std::shared_ptr<const Catalogue> take() {
        auto& made = *catalogue_;
        for (std::uint32_t id = 0; id < made.templates_.size(); ++id)
            made.ids_[made.templates_[id].class_name].push_back(id);
        return catalogue_;
    }

 private:
    Error error(const TomlNode& node, std::string_view message) const {
        return profile_error(document_, node, message);
    }

    /// True when the generation and the computer have what `table` describes.
    Result<bool> applies(const TomlNode& table) const {
        for (const std::string_view key : {"since", "until"}) {
            const TomlNode* node = table.find(key);
            if (!node) continue;
            const auto version = parse_version(node->text);
            if (!version) return std::unexpected(error(*node, join({key, " is no version"})));
            const bool reached = personality_.version >= *version;
            if (key == "since" ? !reached : reached) return false;
        }
        const std::string_view condition = table.text_at("if");
        if (condition.empty()) return true;
        if (condition == "battery") return personality_.host.battery;
        if (condition == "wireless") return personality_.host.wireless;
        return personality_.quirk(condition, 0) != 0;
    }

    template <std::size_t count>
    Result<void> known_keys(const TomlNode& table,
                            const std::array<std::string_view, count>& known) const {
        if (!table.is(TomlNode::Kind::table))
            return std::unexpected(error(table, "this must be a table"));
        for (const auto& [key, node] : table.members)
            if (std::ranges::find(known, key) == known.end())
                return std::unexpected(error(node, join({"unknown entry ", key})));
        return {};
    }

    Result<void> read_rule(const std::string& name, const TomlNode& table) {
        if (auto done = known_keys(table, rule_keys); !done) return done;
        const auto here = applies(table);
        if (!here) return std::unexpected(here.error());
        if (!*here) {
            absent_.push_back(name);
            catalogue_->rules_.erase(name);
            return {};
        }
        constexpr std::int64_t security_administration = 3;
        ClassRule& rule = catalogue_->rules_[name];
        rule.name = name;
        rule.subclasses = texts(table, "includes");
        rule.keys = texts(table, "keys");
        rule.read_only = texts(table, "read_only");
        rule.write_only = texts(table, "write_only");
        rule.quiet_put = table.flag_at("quiet_put", false);
        rule.realm = static_cast<unsigned>(table.number_at("realm", security_administration));
        rule.write_realm =
            static_cast<unsigned>(table.number_at("write_realm", security_administration));
        rule.one_per_pull = table.flag_at("one_per_pull", false);
        rule.creatable = table.flag_at("create", false);
        rule.deletable = table.flag_at("delete", false);
        rule.puttable = table.flag_at("put", false);
        return {};
    }

    Result<void> read_instance(const TomlNode& table) {
        if (auto done = known_keys(table, instance_keys); !done) return done;
        const auto here = applies(table);
        if (!here) return std::unexpected(here.error());
        const std::string class_name(table.text_at("class"));
        if (class_name.empty()) return std::unexpected(error(table, "an instance needs a class"));
        if (!*here || std::ranges::find(absent_, class_name) != absent_.end()) return {};
        if (!catalogue_->rules_.contains(class_name))
            return std::unexpected(error(table, join({"no [class.", class_name, "] before it"})));
        for (const Item& item : items_of(personality_, table.text_at("repeat"))) {
            Template made{class_name, {}, table.flag_at("factory", true)};
            if (auto done = read_members(table, item, made); !done) return done;
            catalogue_->templates_.push_back(std::move(made));
        }
        return {};
    }

    Result<void> read_members(const TomlNode& instance, const Item& item, Template& made) {
        const std::string_view system = instance.text_at("system");
        if (!system.empty()) {
            made.members.push_back(wsman::text_member("CreationClassName", made.class_name));
            made.members.push_back(
                wsman::text_member("SystemCreationClassName", "CIM_ComputerSystem"));
            made.members.push_back(wsman::text_member("SystemName", std::string(system)));
        }
        const TomlNode& since = instance.inner("member_since");
        for (const auto& [key, value] : instance.inner("members").members) {
            if (const TomlNode* first = since.find(key)) {
                const auto version = parse_version(first->text);
                if (!version) return std::unexpected(error(*first, "this is no version"));
                if (personality_.version < *version) continue;
            }
            if (auto done = read_member(key, value, item, made.members); !done) return done;
        }
        sort_by_name(made.members);
        for (const std::string& name : texts(instance, "last")) move_last(made.members, name);
        return {};
    }

    Result<void> read_member(const std::string& name, const TomlNode& value, const Item& item,
                             Members& members) {
        if (value.is(TomlNode::Kind::array)) {
            for (const TomlNode& entry : value.items)
                if (auto done = read_member(name, entry, item, members); !done) return done;
            return {};
        }
        if (const auto text = value.scalar()) {
            members.push_back(wsman::text_member(name, known(*text, item)));
            return {};
        }
        if (const TomlNode* time = value.find("datetime")) {
            members.push_back(wsman::datetime_member(name, known(time->text, item)));
            return {};
        }
        const TomlNode* target = value.find("ref");
        if (!target) return std::unexpected(error(value, "a table must say ref or datetime"));
        const auto uri = wsman::resource_uri(target->text);
        if (!uri) return std::unexpected(error(value, join({target->text, " is no class"})));
        Members selectors;
        for (const auto& [key, selector] : value.members)
            if (key != "ref")
                if (auto done = read_member(key, selector, item, selectors); !done) return done;
        members.push_back(wsman::reference_member(name, *uri, std::move(selectors)));
        return {};
    }

    /// The text with everything filled in that is the same on every device of this generation.
    std::string known(std::string_view text, const Item& item) const {
        return fill(text, [&](std::string_view name) -> Texts {
            if (const auto found = item.find(name); found != item.end()) return {found->second};
            if (auto value = generation_value(personality_, name)) return {*std::move(value)};
            return {join({"{", name, "}"})};
        });
    }

    const Personality& personality_;
    std::string document_;
    std::vector<std::string> absent_;
    std::shared_ptr<Catalogue> catalogue_ = std::make_shared<Catalogue>();
};

Result<std::shared_ptr<const Catalogue>> Catalogue::parse(const std::vector<Document>& documents,
                                                          const Personality& personality) {
    CatalogueReader reader(personality);
    for (const Document& document : documents)
        if (auto done = reader.read(document.text, document.name); !done)
            return std::unexpected(done.error());
    return reader.take();
}

const ClassRule* Catalogue::rule(std::string_view class_name) const {
    const auto found = rules_.find(class_name);
    return found == rules_.end() ? nullptr : &found->second;
}

const std::vector<std::uint32_t>& Catalogue::ids(std::string_view class_name) const {
    static const std::vector<std::uint32_t> none;
    const auto found = ids_.find(class_name);
    return found == ids_.end() ? none : found->second;
}

std::vector<std::string> Catalogue::keys(std::string_view class_name) const {
    std::vector<std::string> names;
    if (const ClassRule* own = rule(class_name); own && !own->keys.empty()) return own->keys;
    if (const auto* schema = wsman::find_class(class_name))
        for (const auto& property : schema->properties)
            if (property.key) names.push_back(property.name);
    std::ranges::sort(names);
    return names;
}

}  // namespace oob::sim
