#pragma once

#include "core/bytes.h"
#include "net/tls.h"

#include <string>

namespace oob::net {

/// What the finished handshake tells about the peer. chain_error is left empty: the trust policy
/// fills it.
TlsFacts facts_of(ssl_st* ssl);

/// The same of a certificate alone: whose key it is, who signed it, until when.
TlsFacts facts_of(x509_st* certificate);

/// "sha256:" and the hex SHA-256 of the certificate's SubjectPublicKeyInfo.
std::string public_key_fingerprint(x509_st* certificate);

}  // namespace oob::net
