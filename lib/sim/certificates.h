#pragma once

#include "net/tls_server.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace oob::sim {

/// A few RSA keys that the certificates of a whole fleet share, each made when it is first wanted:
/// making one takes some dozens of milliseconds, and 65,536 of them nobody waits for.
class CertificatePool {
 public:
    static constexpr unsigned key_bits = 2048;
    static constexpr unsigned most_keys = 1024;

    /// `keys` from 1 to most_keys.
    explicit CertificatePool(unsigned keys);

    /// Self-signed, with key number `device` modulo the size of the pool; `changed` takes a key
    /// that no device begins with. Made anew on each call.
    net::ServerCertificate make(std::uint32_t device, const std::string& common_name, bool changed);

 private:
    const net::ServerKey& key(std::size_t index);

    std::vector<std::optional<net::ServerKey>> keys_;  // the last one is for changed certificates
};

}  // namespace oob::sim
