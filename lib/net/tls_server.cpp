#include "net/tls_server.h"

#include "net/tls_facts.h"
#include "net/tls_versions.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>

namespace oob::net {

namespace {

constexpr long day = 24 * 60 * 60;

/// Both kinds of key exchange that consoles for AMT ask for, at the security level of old firmware.
constexpr const char* ciphers =
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:AES256-GCM-SHA384:AES128-GCM-SHA256:"
    "AES256-SHA256:AES128-SHA256:ECDHE-RSA-AES256-SHA:ECDHE-RSA-AES128-SHA:AES256-SHA:AES128-SHA:@"
    "SECLEVEL=0";

void require(bool worked, const char* what) {
    if (!worked)
        fail(Class::internal, "internal.tls", std::string("OpenSSL cannot ") + what,
             "is OpenSSL's configuration broken?");
}

}  // namespace

ServerKey ServerKey::generate_rsa(unsigned bits) {
    ServerKey key;
    key.key_.reset(EVP_RSA_gen(bits), EVP_PKEY_free);
    require(key.key_ != nullptr, "generate an RSA key");
    return key;
}

ServerCertificate ServerCertificate::self_signed(ServerKey key, const std::string& common_name) {
    ServerCertificate out;
    out.key_ = std::move(key);
    out.certificate_.reset(X509_new(), X509_free);
    X509* certificate = out.certificate_.get();
    std::uint64_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -day);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3650 * day);
    X509_set_pubkey(certificate, out.key());
    X509_NAME* name = X509_get_subject_name(certificate);
    const auto* text = reinterpret_cast<const unsigned char*>(common_name.data());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text,
                               static_cast<int>(common_name.size()), -1, 0);
    X509_set_issuer_name(certificate, name);
    require(X509_sign(certificate, out.key(), EVP_sha256()) > 0, "sign a certificate");
    return out;
}

Bytes ServerCertificate::der() const {
    Bytes out(static_cast<std::size_t>(i2d_X509(certificate(), nullptr)));
    auto* next = reinterpret_cast<unsigned char*>(out.data());
    i2d_X509(certificate(), &next);
    return out;
}

std::string ServerCertificate::pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_X509(out.get(), certificate());
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string ServerCertificate::fingerprint() const { return public_key_fingerprint(certificate()); }

TlsAcceptor::TlsAcceptor(TlsVersion lowest, TlsVersion highest, bool mutual)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    require(context_ != nullptr, "make a context");
    SSL_CTX_set_min_proto_version(context_.get(), openssl_version(lowest));
    SSL_CTX_set_max_proto_version(context_.get(), openssl_version(highest));
    require(SSL_CTX_set_cipher_list(context_.get(), ciphers) == 1, "choose ciphers");
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context_.get(), SSL_OP_NO_TICKET);
    if (mutual)
        SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                           [](int, X509_STORE_CTX*) { return 1; });
}

Task<StreamPtr> TlsAcceptor::accept(StreamPtr lower, const ServerCertificate& certificate) {
    SSL* ssl = SSL_new(context_.get());
    require(ssl != nullptr, "make a session");
    auto stream = std::make_unique<TlsStream>(ssl, std::move(lower));
    SSL_use_certificate(ssl, certificate.certificate());
    SSL_use_PrivateKey(ssl, certificate.key());
    SSL_set_accept_state(ssl);
    co_await stream->handshake();
    co_return std::move(stream);
}

}  // namespace oob::net
