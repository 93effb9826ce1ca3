#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oob {

/// What is known of the device at the other end. Unknown is empty, and null in the record.
struct DeviceFacts {
    std::string name;      ///< as the user calls it
    std::string protocol;  ///< "amt", "ipmi", …
    std::optional<std::string> address;
    std::optional<std::string>
        uuid;  ///< lower case; also when it is no identity (all zero or all f)
    std::optional<std::string> mac;
    std::optional<std::string> firmware;
    std::optional<std::string> control_mode;  ///< "none", "client", "admin"
    std::optional<std::string> fingerprint;   ///< "sha256:…" of the TLS public key

    /// "amt:<uuid>"; with a UUID that is no identity "amt:<mac>"; nothing when neither is known
    /// (contract, section 2).
    std::optional<std::string> id() const;
    /// "strong" for a real UUID, "weak" for a MAC; nothing without an id.
    std::optional<std::string> id_quality() const;
};

/// True for a UUID that tells one device from another: not all zero and not all f.
bool is_identity(std::string_view uuid);

/// How the connection was secured, as the record's "tls" shows it.
struct TlsSummary {
    std::string version;   ///< "TLSv1.2"
    std::string verified;  ///< "pin", "known_device", "ca", "tofu", "none"
    bool compat = false;
};

/// What an attempt on one device has found so far; kept when it fails, so that nothing is lost.
struct Findings {
    DeviceFacts device;
    std::optional<TlsSummary> tls;
    std::vector<std::string> warnings;
};

}  // namespace oob
