#pragma once

#include "net/tls.h"

#include <chrono>
#include <memory>
#include <string>

namespace oob::net {

/// A private key of a server; copies share it.
class ServerKey {
 public:
    /// RSA; 2048 bits take a few dozen milliseconds.
    static ServerKey generate_rsa(unsigned bits);
    evp_pkey_st* native() const { return key_.get(); }

 private:
    std::shared_ptr<evp_pkey_st>
        key_;  // shared: OpenSSL counts references itself, this is only its handle
};

/// A certificate and its key; copies share them.
class ServerCertificate {
 public:
    /// Signed with its own key, CN as given, valid from yesterday for ten years.
    static ServerCertificate self_signed(ServerKey key, const std::string& common_name);

    x509_st* certificate() const { return certificate_.get(); }
    evp_pkey_st* key() const { return key_.native(); }
    /// DER bytes.
    Bytes der() const;
    std::string pem() const;
    /// "sha256:…" of the public key.
    std::string fingerprint() const;

 private:
    std::shared_ptr<x509_st> certificate_;
    ServerKey key_;
};

/// Answers handshakes with versions from `lowest` to `highest`. Offers RSA key exchange beside
/// ECDHE, because consoles for AMT ask for it (reference wsman, section 1.7). For devices of old
/// generations only.
class TlsAcceptor {
 public:
    /// `mutual`: the client must show a certificate; any is taken, and the stream's facts tell
    /// which it was.
    TlsAcceptor(TlsVersion lowest, TlsVersion highest, bool mutual = false);

    /// Shakes hands with the given certificate. Throws as TlsStream::handshake does.
    Task<StreamPtr> accept(StreamPtr lower, const ServerCertificate& certificate);

 private:
    std::shared_ptr<ssl_ctx_st> context_;  // shared with the SSL objects made from it
};

}  // namespace oob::net
