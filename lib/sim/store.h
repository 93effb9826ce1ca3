#pragma once

#include "sim/model/catalogue.h"
#include "sim/model/text_template.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace oob::sim {

/// The instances of one device: those of the generation, shared and never changed, and over them
/// only what differs on this device.
class Store {
 public:
    using Id = std::uint32_t;

    /// What a device may create at most, over all classes.
    static constexpr std::size_t most_created = 256;

    Store(std::shared_ptr<const Catalogue> catalogue, Resolver resolve)
        : catalogue_(std::move(catalogue)), resolve_(std::move(resolve)) {}

    const Catalogue& catalogue() const { return *catalogue_; }

    /// The instances of exactly this class: the generation's first, then those made here, oldest
    /// first.
    std::vector<Id> own(std::string_view class_name) const;
    /// What enumerating the class hands out: its own and those of its subclasses.
    std::vector<Id> all(std::string_view class_name) const;
    bool exists(Id id) const;
    const std::string& class_of(Id id) const;

    /// The instance with every value filled in; members that have none are left out.
    Members read(Id id) const;
    /// Its key members, in ASCII order.
    Members keys(Id id) const;
    /// One member's text; empty when it has none.
    std::string text(Id id, std::string_view member) const;

    /// True when the member's value is worked out each time, so that it cannot be stored.
    bool live(Id id, std::string_view member) const;

    /// Those of a class whose keys agree with every selector that names a key; other selectors are
    /// ignored (reference wsman, sections 2.6 and 2.8).
    std::vector<Id> matching(std::string_view class_name, const Members& selectors) const;
    /// The same, when exactly one agrees.
    std::optional<Id> find(std::string_view class_name, const Members& selectors) const;

    /// Puts `changes` in the place of the members of the same names; nothing else changes.
    void write(Id id, const Members& changes);
    /// Takes a member away.
    void erase(Id id, std::string_view member);
    /// A new instance; nothing when the device is full.
    std::optional<Id> add(std::string_view class_name, Members members);
    void remove(Id id);
    /// Forgets everything that differs from the generation, except instances of classes in `kept`.
    void reset(const std::set<std::string, std::less<>>& kept = {});
    /// Takes away what a device has only once it is provisioned.
    void hide_provisioned();
    /// Brings the generation's own instances back.
    void show_all() { removed_.clear(); }

 private:
    static constexpr Id first_created = 0x10000;

    const Members& raw(Id id) const;
    Member filled(const Member& member) const;

    std::shared_ptr<const Catalogue> catalogue_;
    Resolver resolve_;
    std::map<Id, Members> changed_;  ///< whole member lists, placeholders included
    std::map<Id, Template> created_;
    std::set<Id> removed_;
    Id next_ = first_created;
};

/// True when both say the same: texts byte for byte, references by class and selectors, where
/// selectors that only one of them has do not count.
bool agrees(const Member& a, const Member& b);

}  // namespace oob::sim
