#pragma once

#include "plane/registry.h"
#include "support/fleet.h"

#include <string>

namespace oob::test {

/// The device of a fleet that the tests of AMT's plane act on.
inline constexpr const char* device_address = "127.77.8.1";

/// That device, opened over plain HTTP; the fleet outlives it.
struct OpenedDevice {
    explicit OpenedDevice(sim::Fleet& fleet) {
        plane::Access access;
        access.target = take(parse_target(std::string("amt+tcp://") + device_address + ":" +
                                          std::to_string(fleet.ports().http)));
        access.user = "admin";
        access.password = Secret(std::string(fleet_password));
        access.dial = net::direct({});
        access.findings = &findings;
        device = plane::open(std::move(access));
    }

    Findings findings;
    plane::DevicePtr device;
};

}  // namespace oob::test
