#include "open_device.h"

namespace oob::cmd {

plane::Access access_for(fleet::Attempt& attempt, cli::Reach reach) {
    plane::Access access;
    access.target = attempt.target;
    access.user = std::move(reach.user);
    access.password = std::move(reach.password);
    access.dial = std::move(reach.dial);
    access.trust = reach.trust;
    access.trust_policy = std::move(reach.trust_policy);
    access.trace = reach.trace;
    access.findings = &attempt.findings;
    return access;
}

net::Task<void> require_identity(plane::Device& device, const Findings& findings,
                                 std::optional<std::string> expected_uuid) {
    if (!expected_uuid) co_return;
    if (!findings.device.uuid) co_await device.identify();
    const std::string found = findings.device.uuid.value_or("none");
    if (found != *expected_uuid)
        fail(Error(Class::identity, "identity.differs",
                   "another device answers: its UUID is " + found + ", not " + *expected_uuid,
                   "was the address given to another machine? correct the target or the inventory")
                 .with("uuid", found)
                 .with("expected", *expected_uuid));
}

}  // namespace oob::cmd
