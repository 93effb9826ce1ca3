#pragma once

#include "core/error.h"
#include "core/secret.h"

#include <filesystem>
#include <memory>
#include <optional>

struct ssl_ctx_st;

namespace oob::net {

/// Who we are towards a device that asks for a client certificate (mutual TLS). Copies share it.
class TlsIdentity {
 public:
    /// `certificate` is PEM (our certificate first, then those of its issuers) or PKCS#12; `key` is
    /// PEM and may be left out when it stands in the same file. `passphrase` opens either. Errors:
    /// class `config`, code `config.tls_cert`: cannot be read, makes no sense, the key is of
    /// another certificate, the passphrase is wrong, or others may read or write the key.
    static Result<TlsIdentity> load(const std::filesystem::path& certificate,
                                    const std::optional<std::filesystem::path>& key,
                                    const Secret& passphrase);

    /// Makes a context show the certificate to whoever asks. Throws Failure config.tls_cert.
    void present(ssl_ctx_st* context) const;

 private:
    struct Parts;
    std::shared_ptr<const Parts> parts_;  // shared: it never changes, and each context takes it
};

}  // namespace oob::net
