#include "sim/model/machine.h"

#include "core/text.h"
#include "sim/model/defense.h"
#include "sim/model/network.h"

#include <algorithm>
#include <array>

namespace oob::sim {

namespace {

/// What tells one device from the next; these may be overwritten by a Put.
Texts identity_value(const Machine& machine, std::string_view name) {
    const Identity& identity = machine.identity;
    if (name == "host_name") return {identity.host_name};
    if (name == "domain") return {"sim.example"};
    if (name == "uuid") return {identity.uuid};
    if (name == "mac") return {identity.mac};
    if (name == "address") return {identity.address};
    if (name == "number") return {std::to_string(identity.number)};
    if (name == "serial") {
        std::string digits = std::to_string(identity.number);
        constexpr std::size_t width = 6;
        if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
        return {"EX" + digits};
    }
    return {};
}

const LiveValue* find_value(std::string_view name) {
    for (const Feature* feature : features()) {
        const auto found = std::ranges::find(feature->values, name, &LiveValue::name);
        if (found != feature->values.end()) return &*found;
    }
    return nullptr;
}

}  // namespace

std::span<const Feature* const> features() {
    static const std::array<const Feature*, 14> all{
        &clock_feature(),        &power_feature(),         &consent_feature(),
        &boot_feature(),         &setup_feature(),         &redirection_feature(),
        &accounts_feature(),     &event_log_feature(),     &audit_log_feature(),
        &certificates_feature(), &remote_access_feature(), &wireless_feature(),
        &network_feature(),      &defense_feature()};
    return all;
}

Texts text_of_number(std::uint64_t number) { return {std::to_string(number)}; }
Texts text_of_flag(bool flag) { return {flag ? "true" : "false"}; }

Machine::Machine(std::shared_ptr<const Personality> the_personality, Identity the_identity,
                 Now the_now)
    : personality(std::move(the_personality)),
      identity(std::move(the_identity)),
      now(std::move(the_now)),
      store(personality->catalogue, [this](std::string_view name) { return value(name); }) {
    power.delay = std::chrono::milliseconds(personality->quirk("power_delay_ms", 0));
    boot.service_state = personality->quirk("boot_service_state", 0) != 0 ? 32769 : 2;
    setup.realm = identity.digest_realm;
    clock.looked_at = clock_now();
    setup.mebx_password_set = personality->control_mode != ControlMode::unprovisioned;
    start_setup(*this, personality->control_mode);
}

void Machine::advance() {
    for (const Feature* feature : features())
        if (feature->advance) feature->advance(*this);
}

Texts Machine::value(std::string_view name) const {
    if (const LiveValue* live = find_value(name)) return live->read(*this);
    return identity_value(*this, name);
}

}  // namespace oob::sim
