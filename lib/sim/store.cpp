#include "sim/store.h"

#include "codec/wsman/schema.h"

#include <algorithm>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

/// Several members of one name, next to each other, replaced by `changes` of that name.
void replace(Members& members, std::string_view name, const Members& changes) {
    const auto same = [&](const Member& member) { return member.name == name; };
    const auto at = std::ranges::find_if(members, same);
    auto place = at - members.begin();
    if (at == members.end())
        place = std::ranges::find_if(members,
                                     [&](const Member& member) { return member.name > name; }) -
                members.begin();
    std::erase_if(members, same);
    for (const Member& change : changes)
        if (change.name == name) members.insert(members.begin() + place++, change);
}

}  // namespace

bool agrees(const Member& a, const Member& b) {
    if (a.kind != Member::Kind::reference || b.kind != Member::Kind::reference)
        return a.kind != Member::Kind::reference && b.kind != Member::Kind::reference &&
               a.text == b.text;
    if (wsman::class_name(a.uri) != wsman::class_name(b.uri)) return false;
    return std::ranges::all_of(a.members, [&](const Member& selector) {
        const Member* other = wsman::find(b.members, selector.name);
        return !other || agrees(selector, *other);
    });
}

std::vector<Store::Id> Store::own(std::string_view class_name) const {
    std::vector<Id> found;
    for (const Id id : catalogue_->ids(class_name))
        if (!removed_.contains(id)) found.push_back(id);
    for (const auto& [id, instance] : created_)
        if (instance.class_name == class_name) found.push_back(id);
    return found;
}

std::vector<Store::Id> Store::all(std::string_view class_name) const {
    const ClassRule* rule = catalogue_->rule(class_name);
    if (!rule) return {};
    const auto& subclasses = rule->subclasses;
    std::vector<Id> found;
    if (std::ranges::find(subclasses, class_name) == subclasses.end()) found = own(class_name);
    for (const std::string& subclass : subclasses) {
        const auto more = subclass == class_name ? own(subclass) : all(subclass);
        found.insert(found.end(), more.begin(), more.end());
    }
    return found;
}

bool Store::exists(Id id) const {
    if (id >= first_created) return created_.contains(id);
    return id < catalogue_->templates().size() && !removed_.contains(id);
}

const std::string& Store::class_of(Id id) const {
    if (id >= first_created) return created_.at(id).class_name;
    return catalogue_->templates().at(id).class_name;
}

const Members& Store::raw(Id id) const {
    if (const auto changed = changed_.find(id); changed != changed_.end()) return changed->second;
    if (id >= first_created) return created_.at(id).members;
    return catalogue_->templates().at(id).members;
}

Member Store::filled(const Member& member) const {
    Member out = member;
    if (out.text.find('{') != std::string::npos) out.text = fill(out.text, resolve_);
    for (Member& inner : out.members) inner = filled(inner);
    return out;
}

Members Store::read(Id id) const {
    Members out;
    for (const Member& member : raw(id)) {
        if (!is_placeholder(member.text) || !member.members.empty()) {
            out.push_back(filled(member));
            continue;
        }
        const std::string_view name(member.text);
        for (std::string& text : resolve_(name.substr(1, name.size() - 2))) {
            out.push_back(member);
            out.back().text = std::move(text);
        }
    }
    return out;
}

Members Store::keys(Id id) const {
    const auto names = catalogue_->keys(class_of(id));
    Members out;
    for (Member& member : read(id))
        if (std::ranges::find(names, member.name) != names.end()) out.push_back(std::move(member));
    sort_by_name(out);
    return out;
}

std::string Store::text(Id id, std::string_view member) const {
    const Member* found = wsman::find(raw(id), member);
    return found ? filled(*found).text : std::string();
}

bool Store::live(Id id, std::string_view member) const {
    const Member* found = wsman::find(raw(id), member);
    return found && is_live(found->text);
}

std::vector<Store::Id> Store::matching(std::string_view class_name,
                                       const Members& selectors) const {
    const auto names = catalogue_->keys(class_name);
    std::vector<Id> found;
    for (const Id id : own(class_name)) {
        const bool every = std::ranges::all_of(selectors, [&](const Member& selector) {
            if (std::ranges::find(names, selector.name) == names.end()) return true;
            const Member* key = wsman::find(raw(id), selector.name);
            return key && agrees(filled(*key), selector);
        });
        if (every) found.push_back(id);
    }
    return found;
}

std::optional<Store::Id> Store::find(std::string_view class_name, const Members& selectors) const {
    const auto found = matching(class_name, selectors);
    if (found.size() != 1) return std::nullopt;
    return found.front();
}

void Store::write(Id id, const Members& changes) {
    if (changes.empty()) return;
    Members members = raw(id);
    std::string_view done;
    for (const Member& change : changes) {
        if (change.name == done) continue;
        done = change.name;
        replace(members, change.name, changes);
    }
    if (id >= first_created)
        created_.at(id).members = std::move(members);
    else
        changed_[id] = std::move(members);
}

void Store::erase(Id id, std::string_view member) {
    Members members = raw(id);
    std::erase_if(members, [&](const Member& one) { return one.name == member; });
    if (id >= first_created)
        created_.at(id).members = std::move(members);
    else
        changed_[id] = std::move(members);
}

std::optional<Store::Id> Store::add(std::string_view class_name, Members members) {
    if (created_.size() >= most_created) return std::nullopt;
    sort_by_name(members);
    created_.emplace(next_, Template{std::string(class_name), std::move(members), false});
    return next_++;
}

void Store::remove(Id id) {
    changed_.erase(id);
    if (id >= first_created)
        created_.erase(id);
    else
        removed_.insert(id);
}

void Store::reset(const std::set<std::string, std::less<>>& kept) {
    const auto goes = [&](const auto& entry) { return !kept.contains(class_of(entry.first)); };
    std::erase_if(changed_, goes);
    std::erase_if(created_, goes);
    removed_.clear();
}

void Store::hide_provisioned() {
    const auto& templates = catalogue_->templates();
    for (Id id = 0; id < templates.size(); ++id)
        if (!templates[id].factory) removed_.insert(id);
}

}  // namespace oob::sim
