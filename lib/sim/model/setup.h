#pragma once

#include "sim/model/behaviour.h"

#include <array>

namespace oob::sim {

/// AMT_SetupAndConfigurationService and IPS_HostBasedSetupService (reference provisioning, chapters
/// 1 and 8).
struct Setup {
    ControlMode mode = ControlMode::admin;
    unsigned state = 2;  ///< ProvisioningState: 0 before, 1 in, 2 after
    std::string realm;   ///< new after each full unprovision
    std::uint32_t times_unprovisioned = 0;
    bool client_mode_allowed = true;
    bool mebx_password_set = true;

    bool tls = true;    ///< TLS for the network, as committed
    bool plain = true;  ///< plain ports beside it, as committed
};

/// The device as it comes out of the box, or as its generation's data says.
void start_setup(Machine& machine, ControlMode mode);
/// The nonce of host-based setup: 20 bytes, new with every provisioning.
std::array<std::byte, 20> configuration_nonce(const Machine& machine);

const Feature& setup_feature();

}  // namespace oob::sim
