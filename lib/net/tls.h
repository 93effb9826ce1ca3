#pragma once

#include "net/stream.h"

#include <memory>
#include <string>
#include <string_view>

// OpenSSL's own types stay out of our headers.
struct ssl_st;
struct ssl_ctx_st;
struct x509_st;
struct evp_pkey_st;

namespace oob::net {

enum class TlsVersion { tls1_0, tls1_1, tls1_2, tls1_3 };

/// What a handshake brought to light.
struct TlsFacts {
    std::string version;      ///< "TLSv1.2"
    std::string cipher;       ///< OpenSSL's name
    std::string fingerprint;  ///< "sha256:" and the hex SHA-256 of the peer's public key
                              ///< (SubjectPublicKeyInfo)
    std::string subject;      ///< of the peer's certificate, one line
    std::string issuer;
    std::string not_after;  ///< RFC 3339
    bool self_signed = false;
    /// Why the chain does not verify for this host against the trusted certificates; empty when it
    /// does.
    std::string chain_error;
};

/// TLS over any other stream. One reader and one writer at a time, which may be different tasks.
class TlsStream final : public Stream {
 public:
    /// Takes the SSL object over; handshake() comes first.
    TlsStream(ssl_st* ssl, StreamPtr lower);
    ~TlsStream() override;

    /// Throws Failure: tls.handshake, tls.version (no common version), connect.reset,
    /// timeout.handshake.
    Task<void> handshake();
    const TlsFacts& facts() const { return facts_; }
    void set_facts(TlsFacts facts) { facts_ = std::move(facts); }
    ssl_st* native() const { return ssl_; }

    Task<std::size_t> read_some(std::span<std::byte> buffer) override;
    Task<void> write(View bytes) override;
    void close() override;
    void reset() override;

 private:
    /// Sends what the engine wants sent. Only one task flushes at a time; it goes on until nothing
    /// is left.
    Task<void> flush();
    Task<void> shake_hands();
    /// Reads once from below into the engine; false at the end of the stream.
    Task<bool> fill();

    ssl_st* ssl_;
    StreamPtr lower_;
    Bytes inbox_;
    TlsFacts facts_;
    bool flushing_ = false;
};

}  // namespace oob::net
