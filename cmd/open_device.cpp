#include "open_device.h"

#include "cli/prompt.h"
#include "core/text.h"
#include "net/deadline.h"

#include <utility>

namespace oob::cmd {

plane::Access access_for(fleet::Attempt& attempt, cli::Reach reach) {
    plane::Access access;
    access.target = attempt.target;
    access.user = std::move(reach.user);
    access.password = std::move(reach.password);
    access.dial = std::move(reach.dial);
    // The runner ends an attempt that does not last, and of one that does each question has its
    // limit; but what is left of the run may be too short to take something back.
    if (!attempt.lasting)
        access.longest_exchange = longest_duration;
    else if (!attempt.by_deadline)
        access.longest_exchange = attempt.limit;
    access.trust = reach.trust;
    access.trust_policy = std::move(reach.trust_policy);
    access.trace = reach.trace;
    access.findings = &attempt.findings;
    access.may_change = !attempt.dry_run;
    access.stopping = [interrupt = attempt.interrupt] { return interrupt->raised(); };
    return access;
}

net::Task<plane::DevicePtr> open_identified(fleet::Attempt& attempt, cli::Reach reach,
                                            bool changes) {
    std::optional<std::string> expected = reach.expected_uuid;
    plane::DevicePtr device = plane::open(access_for(attempt, std::move(reach)));
    co_await device->identify();
    const auto& found = attempt.findings.device.uuid;
    if (changes)
        co_await require_identity(*device, attempt, std::move(expected));
    else if (expected && found && *found != *expected)
        attempt.findings.warnings.push_back(
            join({"another device answers: its UUID is ", *found, ", not ", *expected}));
    co_return device;
}

net::Task<plane::DevicePtr> open_to_stay(fleet::Attempt& attempt, cli::Reach reach) {
    plane::DevicePtr device;
    const auto open = [&]() -> net::Task<void> {
        device = co_await net::within(attempt.limit,
                                      open_identified(attempt, std::move(reach), true), "device");
    };
    co_await attempt.interrupt->cut_off(open());
    co_return device;
}

net::Task<void> require_identity(plane::Device& device, fleet::Attempt& attempt,
                                 std::optional<std::string> expected_uuid) {
    const DeviceFacts& facts = attempt.findings.device;
    if (!expected_uuid && !attempt.identities->matter()) co_return;
    if (!facts.uuid) co_await device.identify();
    const std::string found = facts.uuid.value_or("none");
    if (expected_uuid && found != *expected_uuid)
        fail(Error(Class::identity, "identity.differs",
                   "another device answers: its UUID is " + found + ", not " + *expected_uuid,
                   "was the address given to another machine? correct the target or the inventory")
                 .with("uuid", found)
                 .with("expected", *expected_uuid));
    take(attempt.identities->admit(facts, attempt.target.text));
}

std::optional<std::uint32_t> ask_consent_code(const Error& error, bool may_ask) {
    if (!may_ask || error.code != "consent.required") return std::nullopt;
    const auto answer = cli::ask_on_terminal(
        "The machine's user has to agree. The six digits on its screen: ", /*echo=*/true);
    if (!answer || answer->reveal().empty()) return std::nullopt;
    return parse_consent_code(std::string(answer->reveal()));
}

std::uint32_t parse_consent_code(const std::string& text) {
    constexpr std::uint64_t highest = 999'999;
    const auto code = parse_unsigned(text);
    if (!code || *code > highest)
        fail(Class::usage, "usage.consent_code", "a consent code is a number of six digits",
             "the machine's user reads it from the host's screen");
    return static_cast<std::uint32_t>(*code);
}

}  // namespace oob::cmd
