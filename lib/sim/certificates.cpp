#include "sim/certificates.h"

#include <algorithm>

namespace oob::sim {

CertificatePool::CertificatePool(unsigned keys) : keys_(std::clamp(keys, 1U, most_keys) + 1) {}

net::ServerCertificate CertificatePool::make(std::uint32_t device, const std::string& common_name,
                                             bool changed) {
    const std::size_t last = keys_.size() - 1;
    return net::ServerCertificate::self_signed(key(changed ? last : device % last), common_name);
}

const net::ServerKey& CertificatePool::key(std::size_t index) {
    std::optional<net::ServerKey>& slot = keys_[index];
    if (!slot) slot = net::ServerKey::generate_rsa(key_bits);
    return *slot;
}

}  // namespace oob::sim
