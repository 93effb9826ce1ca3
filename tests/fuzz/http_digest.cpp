#include "codec/http/digest.h"
#include "core/bytes.h"

#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

namespace {

using namespace oob;
using namespace oob::codec;

/// Whatever challenge was read must be written so that it reads the same, and its answer must be
/// right in the eyes of the device.
void check(const http::Challenge& challenge) {
    const auto again = http::decode_challenge(http::encode_challenge(challenge));
    if (!again || again->realm != challenge.realm || again->nonce != challenge.nonce ||
        again->opaque != challenge.opaque || again->stale != challenge.stale ||
        again->offers_auth != challenge.offers_auth ||
        again->offers_auth_int != challenge.offers_auth_int)
        std::abort();

    const Secret password(std::string("P@ssw0rd!"));
    const http::DigestInput input{"POST", challenge.opaque, challenge.realm, "cnonce", 7};
    const std::string answer =
        http::encode_authorization(challenge, challenge.nonce, password, input);
    const auto authorization = http::decode_authorization(answer);
    if (!authorization) std::abort();
    const std::string ha1 = http::digest_ha1(challenge.nonce, challenge.realm, password);
    if (!http::digest_matches(*authorization, ha1, input.method, input.body)) std::abort();
    const std::string other = http::digest_ha1("other", challenge.realm, password);
    if (challenge.nonce != "other" &&
        http::digest_matches(*authorization, other, input.method, input.body))
        std::abort();
}

}  // namespace

/// Any text as a challenge and as credentials: the decoders must return, and must not throw.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view header = as_text(std::as_bytes(std::span(data, size)));
    if (const auto challenge = http::decode_challenge(header)) check(*challenge);
    if (const auto authorization = http::decode_authorization(header))
        (void)http::digest_matches(*authorization, std::string(32, '0'), "POST", header);
    return 0;
}
