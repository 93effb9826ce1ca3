#pragma once

#include "core/error.h"
#include "core/target.h"
#include "fleet/inventory.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace oob::cli {

/// The machines that must be spared. Compared is everything that is known of a target without
/// asking anybody: what is written, what the inventory says, and what stood in a record; names are
/// never looked up. The inventory outlives it.
class Exclusions {
 public:
    explicit Exclusions(const fleet::Inventory& inventory) : inventory_(inventory) {}

    /// A target, a range, a group, or a device id ("amt:<uuid>"). A port that is not the usual one
    /// spares only what is served there; without it the whole machine is spared. Returns the
    /// targets that the word stands for. Error: class `usage`, as for a target.
    Result<std::vector<Target>> add(std::string_view word);

    /// Whether the target is to be left out; every word that says so has had an effect.
    bool takes_away(const Target& target);

    /// Ids of devices that are to be spared though their targets do not tell who they are: such as
    /// report::Record's device.id.
    const std::set<std::string>& ids() const { return ids_; }

    /// Words that took nothing away from what was asked for, in their order. A device id is one of
    /// them only when every device told its own.
    std::vector<std::string> without_effect() const;

    bool has(std::string_view word) const;

    /// Says that a word took nothing away: class `usage`, code `usage.exclude`, with what may have
    /// been meant as the hint.
    Error complaint(std::string_view word) const;

 private:
    struct Word {
        std::string text;
        bool is_id = false;
        bool used = false;
    };
    struct Host {
        std::size_t word;
        std::optional<std::uint16_t> port;
    };

    void note_host(std::string_view host, Host mark);
    void note_id(std::string_view plane, std::string_view id, std::size_t word);

    const fleet::Inventory& inventory_;
    std::vector<Word> words_;
    std::unordered_multimap<std::string, Host> hosts_;         // by their keys
    std::unordered_multimap<std::string, std::size_t> by_id_;  // without the plane
    std::set<std::string> ids_;
    std::set<std::string> spared_from_;  // names of targets that were looked at, a few of them
    bool all_told_ = true;               // who they are
};

}  // namespace oob::cli
