#pragma once

#include "sim/model/behaviour.h"

#include <cstddef>

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
    std::size_t sessions = 0;
    std::uint64_t drops = 0;  ///< how often all sessions were ended from outside
};

/// A redirection session was opened or closed.
void count_session(Machine& machine, bool open);
/// True when 16994 or 16995 have anybody to talk to.
bool redirection_open(const Machine& machine);

const Feature& redirection_feature();

}  // namespace oob::sim
