#include "net/tls_facts.h"

#include "core/text.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>
#include <memory>

namespace oob::net {

namespace {

std::string one_line(const X509_NAME* name) {
    std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

/// Certificates that are to last for ever end in the year 9999 (RFC 5280, section 4.1.2.5), which
/// the system's clock cannot hold.
std::string time_of(const ASN1_TIME* time) {
    std::tm parts{};
    std::array<char, 32> text{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
    const std::size_t size =
        std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.000Z", &parts);
    return {text.data(), size};
}

}  // namespace

std::string public_key_fingerprint(x509_st* certificate) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    if (size < 0) return {};
    const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owned(
        der, [](unsigned char* memory) { OPENSSL_free(memory); });
    std::array<std::byte, 32> digest{};
    EVP_Digest(der, static_cast<std::size_t>(size), reinterpret_cast<unsigned char*>(digest.data()),
               nullptr, EVP_sha256(), nullptr);
    return "sha256:" + hex_lower(digest);
}

TlsFacts facts_of(x509_st* certificate) {
    TlsFacts facts;
    facts.fingerprint = public_key_fingerprint(certificate);
    facts.subject = one_line(X509_get_subject_name(certificate));
    facts.issuer = one_line(X509_get_issuer_name(certificate));
    facts.not_after = time_of(X509_get0_notAfter(certificate));
    facts.self_signed = X509_self_signed(certificate, 0) == 1;
    return facts;
}

TlsFacts facts_of(ssl_st* ssl) {
    X509* certificate = SSL_get0_peer_certificate(ssl);
    TlsFacts facts = certificate ? facts_of(certificate) : TlsFacts();
    facts.version = SSL_get_version(ssl);
    facts.cipher = SSL_get_cipher_name(ssl);
    return facts;
}

}  // namespace oob::net
