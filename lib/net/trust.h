#pragma once

#include "net/endpoint.h"
#include "net/known_devices.h"
#include "net/tls.h"
#include "net/tls_identity.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace oob::net {

/// What the user wants of one device's TLS (contract, section 5).
struct TrustPolicy {
    std::optional<std::string> pin;  ///< "sha256:…" of the public key
    bool trust_on_first_use = false;
    bool record = true;     ///< write a key that is trusted on first use down; false in a dry run
    bool insecure = false;  ///< everybody is taken, but for a `pin` that does not fit
    bool compat = false;    ///< TLS 1.0/1.1, legacy renegotiation, short keys, old digests
    /// PEM certificates to trust for this device, instead of the run's.
    std::optional<std::filesystem::path> ca_file{};
    /// Where the device is when its name does not say so: a line of the known-devices file under
    /// this address, with the name's port, counts as one under the name.
    std::optional<std::string> address{};
};

/// What vouches for a peer's key.
enum class Verified {
    none,          ///< nothing: --insecure, nobody looked
    first_use,     ///< nothing: it was seen for the first time in this run
    pin,           ///< the user has named it
    known_device,  ///< it was on record before this run
    ca,            ///< a CA that the user or the system trusts
};

/// The word in records: "none", "tofu", "pin", "known_device" or "ca".
std::string_view name(Verified verified);

/// How the peer's key was found good.
struct Trusted {
    Verified verified = Verified::none;
    TlsFacts facts;
    bool compat = false;
    /// Why the CA's chain would not do without `compat`; empty when it would.
    std::string weakness{};

    /// True when the peer is who it says it is: then it may get a password as it is (contract,
    /// section 5).
    bool peer_is_certain() const {
        return verified != Verified::none && verified != Verified::first_use;
    }
};

struct TrustedStream {
    std::unique_ptr<TlsStream> stream;
    Trusted trusted;
};

/// Makes TLS connections and decides whether to trust the peer, in the contract's order: pin, known
/// devices, CA. One for a whole run: contexts and CA certificates are loaded once, when they are
/// first needed.
class Trust {
 public:
    /// `ca_file` replaces the system's certificates.
    Trust(Result<std::filesystem::path> known_devices,
          std::optional<std::filesystem::path> ca_file);
    ~Trust();

    KnownDevices& known_devices() { return known_devices_; }
    /// Who we are towards devices that ask. To be called before the first connect().
    void set_identity(TlsIdentity identity);

    /// What the known-devices file says of this key of the device, under its name or under
    /// `address`: `known_device`, or `first_use` where the line was added in this run; nothing when
    /// it has neither line. Throws Failure: tls.changed when one of them has another key,
    /// config.known_devices, config.home.
    std::optional<Verified> knows(const Endpoint& device, const std::optional<std::string>& address,
                                  const std::string& fingerprint);

    /// Shakes hands over `lower` and judges the peer before a single byte of the user's goes out.
    /// `device` is the name as the user wrote it and the port of the service whose key counts:
    /// certificates, server name indication and the known-devices file go by it, wherever `lower`
    /// leads. Throws Failure: those of TlsStream::handshake; tls.unknown, tls.changed, tls.pin;
    /// tls.client_certificate when the device asks for a certificate and we have none,
    /// tls.client_refused when it broke off after it saw ours; config.known_devices, config.home,
    /// config.ca, config.tls_cert.
    Task<TrustedStream> connect(StreamPtr lower, Endpoint device, TrustPolicy policy);

 private:
    struct Contexts;

    Verified judge(ssl_st* ssl, Trusted& peer, const Endpoint& device, const TrustPolicy& policy);
    bool vouched_for_by_ca(ssl_st* ssl, Trusted& peer, const Endpoint& device,
                           const TrustPolicy& policy);

    KnownDevices known_devices_;
    std::unique_ptr<Contexts> contexts_;
};

}  // namespace oob::net
