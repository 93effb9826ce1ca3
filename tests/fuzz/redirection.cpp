#include "codec/redirection/frame.h"
#include "codec/redirection/ider.h"
#include "codec/redirection/session.h"
#include "codec/redirection/sol.h"

#include <cstdlib>
#include <span>

namespace {

using namespace oob;
using namespace oob::codec::redirection;

/// What a decoder took must survive its encoder.
template <class Decode, class Encode>
void round_trip(View message, Decode decode, Encode encode_again) {
    const auto first = decode(message);
    if (!first) return;
    const auto bytes = encode_again(*first);
    const auto second = decode(View(bytes));
    if (!second || *second != *first) std::abort();
}

void logins(View data, Method method) {
    round_trip(
        data, [&](View bytes) { return decode_login(bytes, method); },
        [&](const DigestLogin& login) { return encode_login(login, method); });
    round_trip(
        data, [&](View bytes) { return decode_challenge(bytes, method); },
        [&](const DigestChallenge& challenge) { return encode_challenge(challenge, method); });
}

void look_at(View message) {
    const auto plain = [](const auto& value) { return encode(value); };
    round_trip(message, decode_start_session, plain);
    round_trip(message, decode_start_session_reply, plain);
    round_trip(message, decode_authenticate, plain);
    round_trip(message, decode_authenticate_reply, plain);
    round_trip(message, decode_sol_start, plain);
    round_trip(message, decode_sol_start_reply, plain);
    round_trip(message, decode_sol_controls, plain);
    round_trip(message, decode_ider_open, plain);
    round_trip(message, decode_ider_open_reply, plain);
    round_trip(message, decode_features, encode_features_reply);
    round_trip(message, decode_command, plain);
    round_trip(message, decode_get_data, plain);
    (void)decode_command_end(message);
    (void)decode_data_to_host(message);
    (void)decode_data_from_host(message);
    (void)decode_sol_data(message);
    if (const auto login = decode_authenticate(message)) {
        logins(login->data, Method::digest);
        logins(login->data, Method::digest_without_qop);
    }
}

}  // namespace

/// The first byte says who speaks; the rest is a stream, cut into messages and into single bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const View stream = std::as_bytes(std::span(data + 1, size - 1));
    const Side side = data[0] % 2 == 0 ? Side::client : Side::device;
    Framer at_once(side);
    Framer by_bytes(side);
    at_once.feed(stream);
    std::size_t fed = 0;
    for (;;) {
        const auto message = at_once.next();
        auto same = by_bytes.next();
        while (same && !*same && fed < stream.size()) {
            by_bytes.feed(stream.subspan(fed++, 1));
            same = by_bytes.next();
        }
        if (message.has_value() != same.has_value()) std::abort();
        if (!message || !*message) break;
        if (!*same || (*message)->size() != (*same)->size()) std::abort();
        look_at(**message);
    }
    look_at(stream);
    return 0;
}
