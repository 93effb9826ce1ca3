#pragma once

#include "core/facts.h"
#include "core/secret.h"
#include "core/target.h"
#include "core/trace.h"
#include "net/dialer.h"
#include "net/trust.h"
#include "plane/device.h"

#include <chrono>
#include <functional>
#include <string>

namespace oob::plane {

/// Everything that is needed to talk to one device. What it points to outlives the device.
struct Access {
    Target target;
    std::string user;
    Secret password;
    net::Dial dial;
    std::chrono::milliseconds longest_exchange{30'000};  ///< for one question and its answer
    net::Trust* trust = nullptr;
    net::TrustPolicy trust_policy;
    Trace* trace = nullptr;
    Findings* findings = nullptr;
    /// False in a dry run: the one door through which changes leave stays shut, whatever a
    /// capability is asked for.
    bool may_change = true;
    /// Whether the run is to end: then no change is begun. Empty: it never is.
    std::function<bool()> stopping = {};
};

/// The device behind a target. No byte is sent yet. Throws Failure: unsupported.plane for a plane
/// that this version does not have.
DevicePtr open(Access access);

}  // namespace oob::plane
