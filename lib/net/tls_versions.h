#pragma once

#include "net/tls.h"

#include <openssl/ssl.h>

namespace oob::net {

/// OpenSSL's number for a version.
constexpr int openssl_version(TlsVersion version) {
    switch (version) {
        case TlsVersion::tls1_0:
            return TLS1_VERSION;
        case TlsVersion::tls1_1:
            return TLS1_1_VERSION;
        case TlsVersion::tls1_2:
            return TLS1_2_VERSION;
        case TlsVersion::tls1_3:
            return TLS1_3_VERSION;
    }
    return TLS1_2_VERSION;
}

}  // namespace oob::net
