#include "fleet/identities.h"

#include "core/text.h"

namespace oob::fleet {

std::optional<std::string> Identities::meet(const std::string& id, const std::string& target) {
    const auto [known, is_new] = first_.emplace(id, target);
    if (is_new || known->second == target) return std::nullopt;
    return known->second;
}

Result<void> Identities::admit(const DeviceFacts& device, const std::string& target) {
    const auto id = device.id();
    if (!id) return {};
    if (excluded_.contains(*id)) {
        (void)meet(*id, target);
        return std::unexpected(Error(Class::identity, "identity.excluded",
                                     join({"this is ", *id, ", which --exclude takes away"}),
                                     "nothing was changed; take the target away by its name too")
                                   .with("id", *id));
    }
    if (const auto first = meet(*id, target))
        return std::unexpected(
            Error(
                Class::identity, "identity.duplicate",
                join({*first, " has told the same identity, ", *id, ": nothing was changed here"}),
                "is it one machine with two names? if they are two that were cloned, change them "
                "in runs of their own")
                .with("id", *id)
                .with("first", *first));
    return {};
}

}  // namespace oob::fleet
