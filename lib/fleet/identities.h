#pragma once

#include "core/error.h"
#include "core/facts.h"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace oob::fleet {

/// Who was met in a run: which target told which device id first, and which devices must be left
/// alone. UUIDs do collide in the field, and one machine can be named twice (contract, section 2).
class Identities {
 public:
    /// Device ids ("amt:<uuid>") that were taken away with --exclude.
    void exclude(std::set<std::string> ids) { excluded_ = std::move(ids); }
    /// So many targets will be met.
    void expect(std::size_t targets) { targets_ = targets; }
    /// Whether it matters who a device is before it is changed.
    bool matter() const { return targets_ > 1 || !excluded_.empty() || !first_.empty(); }

    /// Whether a device has told this id.
    bool met(const std::string& id) const { return first_.contains(id); }

    /// The target that told this id before, when it is another one.
    std::optional<std::string> meet(const std::string& id, const std::string& target);
    /// To be asked before a change. Errors: class `identity`, code identity.excluded for a device
    /// that was to be left alone, identity.duplicate for one that another target has told already.
    Result<void> admit(const DeviceFacts& device, const std::string& target);

 private:
    std::size_t targets_ = 1;
    std::set<std::string> excluded_;
    std::map<std::string, std::string> first_;  // the target that told each id first
};

}  // namespace oob::fleet
