#pragma once

#include "sim/model/behaviour.h"

namespace oob::sim {

/// Client-initiated remote access: servers, policies, user-initiated connections and environment
/// detection (reference wsman-classes, C10). Servers and policies are in the store.
struct RemoteAccess {
    std::uint32_t user_state = 32771;  ///< 32768 off, 32769 BIOS, 32770 OS, 32771 both
};

const Feature& remote_access_feature();

}  // namespace oob::sim
