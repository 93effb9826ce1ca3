#include "sim/device.h"

#include "codec/http/digest.h"
#include "core/text.h"
#include "sim/model/machine.h"
#include "sim/wsman_service.h"

#include <algorithm>

namespace oob::sim {

struct Device::Impl {
    Impl(std::shared_ptr<const Personality> personality, Identity identity, Now now)
        : machine(std::move(personality), std::move(identity), std::move(now)), service(machine) {}

    Machine machine;
    WsmanService service;
};

Device::Device(std::shared_ptr<const Personality> personality, Identity identity,
               const Secret& password, Now now)
    : impl_(std::make_unique<Impl>(std::move(personality), std::move(identity), std::move(now))) {
    Account& admin = impl_->machine.accounts.admin;
    admin.name = "admin";
    admin.realms = all_realms();
    admin.ha1 = codec::http::digest_ha1(admin.name, impl_->machine.setup.realm, password);
}

Device::~Device() = default;
Device::Device(Device&&) noexcept = default;

const Personality& Device::personality() const { return *impl_->machine.personality; }
const Identity& Device::identity() const { return impl_->machine.identity; }

const Account* Device::account(std::string_view name) const {
    return network_account(impl_->machine, name);
}

std::string_view Device::digest_realm() const { return impl_->machine.setup.realm; }

bool Device::port_open(Port port) const {
    const Machine& machine = impl_->machine;
    const Ports& ports = machine.personality->ports;
    const Setup& setup = machine.setup;
    constexpr unsigned in_provisioning = 1;
    constexpr unsigned provisioned = 2;
    if (setup.state == in_provisioning) return port == Port::https && ports.https;
    if (setup.state != provisioned) return false;
    switch (port) {
        case Port::http:
            return ports.http && setup.plain;
        case Port::https:
            return ports.https && setup.tls;
        case Port::redirection:
            return ports.redirection && setup.plain && redirection_open(machine);
        case Port::redirection_tls:
            return ports.redirection_tls && setup.tls && redirection_open(machine);
    }
    return false;
}

Answer Device::answer(std::string_view soap, const Caller& caller) {
    return impl_->service.answer(soap, caller);
}

void Device::logins_failed(unsigned count) {
    constexpr unsigned most = 0xffff;
    log_event(impl_->machine,
              failed_logins_event(static_cast<std::uint16_t>(std::min(count, most))));
}

SessionRefusal Device::refusal(Redirected kind) const {
    const Machine& machine = impl_->machine;
    const Redirection& redirection = machine.redirection;
    const bool on = kind == Redirected::sol    ? redirection.sol
                    : kind == Redirected::ider ? redirection.ider
                                               : redirection.kvm;
    if (!on || !redirection.listener) return SessionRefusal::disabled;
    const std::uint32_t required = consent_required(machine);
    const bool asks =
        kind == Redirected::kvm ? required != consent_for_nothing : required == consent_for_all;
    const ConsentState state = machine.consent.state;
    const bool given = state == ConsentState::received || state == ConsentState::in_session;
    return asks && !given ? SessionRefusal::consent : SessionRefusal::none;
}

void Device::redirection_session(Redirected kind, bool open) {
    Machine& machine = impl_->machine;
    machine.advance();
    count_session(machine, kind, open);
    if (kind == Redirected::sol)
        log_event(machine, session_event(open ? SessionEvent::sol_begun : SessionEvent::sol_ended));
    if (kind == Redirected::ider)
        log_event(machine,
                  session_event(open ? SessionEvent::ider_begun : SessionEvent::ider_ended));
}

std::uint64_t Device::dropped_sessions(Redirected kind) const {
    return impl_->machine.redirection.of(kind).drops;
}

bool Device::host_on() const {
    impl_->machine.advance();
    return impl_->machine.power.state == HostState::on;
}

std::uint64_t Device::host_starts() const {
    impl_->machine.advance();
    return impl_->machine.power.starts;
}

std::string Device::booted_from() const {
    impl_->machine.advance();
    return impl_->machine.boot.booted_from;
}

Value Device::state() const {
    impl_->machine.advance();
    Value out = Value::object();
    for (const Feature* feature : features())
        for (const StateEntry& entry : feature->state) {
            const auto dot = entry.key.find('.');
            if (dot == std::string_view::npos) {
                out.set(std::string(entry.key), entry.read(impl_->machine));
                continue;
            }
            const std::string group(entry.key.substr(0, dot));
            Value inner = out.find(group) ? *out.find(group) : Value::object();
            inner.set(std::string(entry.key.substr(dot + 1)), entry.read(impl_->machine));
            out.set(group, std::move(inner));
        }
    return out;
}

Result<void> Device::set(std::string_view key, const Value& value) {
    impl_->machine.advance();
    std::string known = "entries that can be changed:";
    for (const Feature* feature : features())
        for (const StateEntry& entry : feature->state) {
            if (!entry.write) continue;
            known += join({" ", entry.key});
            if (entry.key != key) continue;
            if (entry.write(impl_->machine, value)) return {};
            return std::unexpected(
                Error(Class::usage, "sim.value", join({key, " cannot have this value"})));
        }
    return std::unexpected(
        Error(Class::usage, "sim.key", join({"there is no entry ", key}), std::move(known)));
}

}  // namespace oob::sim
