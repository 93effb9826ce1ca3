#pragma once

#include "sim/device.h"
#include "sim/model/accounts.h"
#include "sim/model/audit_log.h"
#include "sim/model/boot.h"
#include "sim/model/certificates.h"
#include "sim/model/clock.h"
#include "sim/model/consent.h"
#include "sim/model/event_log.h"
#include "sim/model/power.h"
#include "sim/model/redirection.h"
#include "sim/model/remote_access.h"
#include "sim/model/setup.h"
#include "sim/model/wireless.h"
#include "sim/personality.h"
#include "sim/store.h"

#include <memory>

namespace oob::sim {

/// All that one device knows: its generation, who it is, and what has happened to it. Stays where
/// it is in memory, because the store asks it for values.
struct Machine {
    Machine(std::shared_ptr<const Personality> personality, Identity identity, Now now);
    Machine(const Machine&) = delete;

    std::shared_ptr<const Personality> personality;
    Identity identity;
    Now now;

    Power power;
    Boot boot;
    Consent consent;
    Redirection redirection;
    Clock clock;
    Setup setup;
    Accounts accounts;
    EventLog log;
    AuditLog audit;
    KeyRing keys;
    RemoteAccess remote_access;
    Wireless wireless;
    Store store;

    /// Works out everything that is due by now.
    void advance();
    /// What the placeholder {name} stands for.
    Texts value(std::string_view name) const;
    /// The device's own clock.
    std::chrono::system_clock::time_point clock_now() const { return now() + clock.offset; }
    bool admin_mode() const { return setup.mode == ControlMode::admin; }
    bool client_mode() const { return setup.mode == ControlMode::client; }
};

}  // namespace oob::sim
