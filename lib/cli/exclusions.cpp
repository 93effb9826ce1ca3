#include "cli/exclusions.h"

#include "core/text.h"

#include <algorithm>
#include <utility>

namespace oob::cli {

namespace {

/// Enough for a hint; a longer list is one that nobody typed.
constexpr std::size_t most_names = 10'000;

std::uint16_t port_of(const Target& target) {
    return target.port.value_or(usual_port(target.scheme).value_or(0));
}

/// The part that names one device whatever it is managed by.
std::string_view without_plane(std::string_view id) { return id.substr(id.find(':') + 1); }

std::string_view plane_of(const Target& target) {
    return std::string_view(target.scheme).substr(0, target.scheme.find('+'));
}

}  // namespace

void Exclusions::note_host(std::string_view host, Host mark) {
    hosts_.emplace(host_key(host), mark);
}

void Exclusions::note_id(std::string_view plane, std::string_view id, std::size_t word) {
    ids_.insert(join({plane, ":", id}));
    by_id_.emplace(id, word);
}

Result<std::vector<Target>> Exclusions::add(std::string_view word) {
    const std::size_t index = words_.size();
    if (const auto id = parse_device_id(word)) {
        words_.push_back({std::string(word), true});
        note_id(id->substr(0, id->find(':')), without_plane(*id), index);
        return std::vector<Target>();
    }
    auto targets = inventory_.expand(word);
    if (!targets) return targets;
    words_.push_back({std::string(word)});
    for (Target& target : *targets) {
        const fleet::Settings settings = inventory_.settings_of(target);
        if (settings.address) target.address = settings.address;
        Host mark{index, std::nullopt};
        if (target.port && target.port != usual_port(target.scheme)) mark.port = target.port;
        note_host(target.host, mark);
        if (target.name != target.host) note_host(target.name, mark);
        if (target.address) note_host(*target.address, mark);
        if (target.told_address) note_host(*target.told_address, mark);
        for (const auto* uuid : {&std::as_const(target).uuid, &settings.uuid})
            if (*uuid) note_id(plane_of(target), **uuid, index);
        if (target.told_id) note_id(plane_of(target), without_plane(*target.told_id), index);
    }
    return targets;
}

bool Exclusions::takes_away(const Target& target) {
    if (words_.empty()) return false;
    const fleet::Settings settings = inventory_.settings_of(target);
    if (spared_from_.size() < most_names) spared_from_.insert(host_key(target.name));
    bool out = false;
    const auto mark = [&](std::size_t word) { out = words_[word].used = true; };

    std::vector<std::string> hosts{host_key(target.host), host_key(target.name)};
    for (const auto* address : {&target.address, &settings.address, &target.told_address})
        if (*address) hosts.push_back(host_key(**address));
    for (const auto& host : hosts) {
        const auto [begin, end] = hosts_.equal_range(host);
        for (auto found = begin; found != end; ++found)
            if (!found->second.port || *found->second.port == port_of(target))
                mark(found->second.word);
    }

    std::vector<std::string_view> ids;
    for (const auto* uuid : {&target.uuid, &settings.uuid})
        if (*uuid) ids.emplace_back(**uuid);
    if (target.told_id) ids.push_back(without_plane(*target.told_id));
    all_told_ &= !ids.empty();
    for (const auto id : ids) {
        const auto [begin, end] = by_id_.equal_range(std::string(id));
        for (auto found = begin; found != end; ++found) mark(found->second);
    }
    return out;
}

std::vector<std::string> Exclusions::without_effect() const {
    std::vector<std::string> out;
    for (const Word& word : words_)
        if (!word.used && (!word.is_id || all_told_)) out.push_back(word.text);
    return out;
}

bool Exclusions::has(std::string_view word) const {
    return std::ranges::find(words_, word, &Word::text) != words_.end();
}

Error Exclusions::complaint(std::string_view word) const {
    Error error(Class::usage, "usage.exclude",
                join({"excluding ", shown(word), " takes nothing away"}),
                "it is compared with names, addresses and device ids as they are written, in the "
                "inventory and in records; no name is looked up");
    const auto start = word.find("://");
    const std::string key =
        host_key(start == std::string_view::npos ? word : word.substr(start + 3));
    std::vector<std::string_view> known;
    for (const auto& name : spared_from_) {
        // A short name and the full one.
        if (name.starts_with(key + ".") || key.starts_with(name + ".")) {
            error.hint = join({"did you mean ", name, "?"});
            return error;
        }
        known.emplace_back(name);
    }
    if (const auto near = nearest(key, known); !near.empty())
        error.hint = join({"did you mean ", near, "?"});
    return error;
}

}  // namespace oob::cli
