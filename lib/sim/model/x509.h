#pragma once

#include "core/bytes.h"

#include <optional>
#include <string>

/// The little that the certificate store needs to know about keys and certificates. The library
/// behind it is OpenSSL.
namespace oob::sim::x509 {

struct CertificateFacts {
    std::string subject;  ///< "C=..,O=..,CN=.." in the certificate's order
    std::string issuer;
    Bytes public_key;  ///< RSAPublicKey of PKCS#1; empty for other keys
    bool self_issued = false;
    bool authority = false;
};

struct KeyPair {
    Bytes private_key;  ///< RSAPrivateKey of PKCS#1
    Bytes public_key;   ///< RSAPublicKey of PKCS#1
    unsigned bits = 0;
};

/// Nothing when the bytes are no X.509 certificate, or more than one.
std::optional<CertificateFacts> read_certificate(View der);
/// Nothing when the bytes are no RSA key of PKCS#1.
std::optional<KeyPair> read_key(View der);
/// A new RSA key. Takes as long as it takes; nothing when the library refuses.
std::optional<KeyPair> generate_key(unsigned bits);

enum class Hash { sha1, sha256, sha384 };

/// The certificate request with a signature by the key; the signature that it has is not looked at.
/// Nothing when it is no request, or not for this key.
std::optional<Bytes> sign_request(View der, View private_key, Hash hash);

}  // namespace oob::sim::x509
