#pragma once

#include "core/facts.h"
#include "core/value.h"

#include <optional>
#include <string>
#include <vector>

namespace oob::plane::discovery {

/// What one service told without a login.
struct Face {
    Value service;                     ///< protocol, transport, port and what it said
    std::vector<std::string> kinds{};  ///< "intel-amt", "redfish", "ilo" …
    std::string protocol{};            ///< of the target: "amt", "redfish", "ssh"; empty: none
    std::string section{};             ///< where `details` stands below data: "amt", "redfish"
    Value details{};                   ///< an object
    std::optional<std::string> firmware{};
    std::optional<std::string> uuid{};
    std::optional<std::string> fingerprint{};  ///< of the TLS key
    std::optional<TlsSummary> tls{};
};

/// What the answers of one address say together.
struct Sighting {
    std::string protocol;  ///< "amt", "ipmi", "redfish", "ssh", or "rmcp" for anything else
    std::optional<std::string> firmware{};
    std::optional<std::string> uuid{};
    std::optional<std::string> fingerprint{};
    std::optional<TlsSummary> tls{};
    std::vector<std::string> kinds{};
    Value::Array services{};
    Value::Object sections{};  ///< "amt", "ipmi", "redfish": what each told

    /// Takes a service in. What was tried beats what a pong only named.
    void add(Face face);
    /// kinds, services and the sections, as they stand in a record. Leaves the sighting without
    /// them.
    Value take_data();
};

}  // namespace oob::plane::discovery
