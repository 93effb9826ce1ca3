#pragma once

#include "sim/device.h"
#include "sim/model/behaviour.h"
#include "sim/store.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace oob::sim {

/// AMT_RedirectionService, CIM_KVMRedirectionSAP and the Web UI switch (reference wsman-classes,
/// C4).
struct Redirection {
    /// How many sessions are counted at most.
    static constexpr std::size_t most_sessions = 16;

    bool ider = true;
    bool sol = true;
    bool listener = true;
    bool kvm = true;
    unsigned kvm_requested = 5;  ///< "no change", until somebody asks
    bool web_ui = true;
    /// Sessions of one kind.
    struct Sessions {
        std::size_t count = 0;
        std::uint64_t drops = 0;               ///< how often they were ended from outside
        std::optional<Store::Id> association;  ///< the instance that tells of them
    };
    std::array<Sessions, 3> sessions;  ///< by Redirected

    Sessions& of(Redirected kind) { return sessions[static_cast<std::size_t>(kind)]; }
    const Sessions& of(Redirected kind) const { return sessions[static_cast<std::size_t>(kind)]; }
    /// Of all kinds.
    std::size_t open_sessions() const;
};

/// A redirection session was opened or closed.
void count_session(Machine& machine, Redirected kind, bool open);
/// True when 16994 or 16995 have anybody to talk to.
bool redirection_open(const Machine& machine);

const Feature& redirection_feature();

}  // namespace oob::sim
