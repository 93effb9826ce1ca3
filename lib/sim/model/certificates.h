#pragma once

#include "core/bytes.h"
#include "sim/model/behaviour.h"

#include <map>

namespace oob::sim {

/// The private halves of AMT_PublicPrivateKeyPair, by handle; everything else about keys and
/// certificates is in the store (reference wsman-classes, C6).
struct KeyRing {
    std::map<std::uint32_t, Bytes> private_keys;
    std::uint32_t busy_answers = 0;  ///< how often GenerateKeyPair has said "in progress"
};

const Feature& certificates_feature();

}  // namespace oob::sim
