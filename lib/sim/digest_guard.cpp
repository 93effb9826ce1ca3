#include "sim/digest_guard.h"

#include "core/bytes.h"
#include "core/text.h"

#include <algorithm>

namespace oob::sim {

namespace http = codec::http;

namespace {

void put_random(Writer& out, std::size_t count, std::mt19937_64& random) {
    for (std::size_t i = 0; i < count; ++i) out.u8(static_cast<std::uint8_t>(random()));
}

/// 4 varying bytes, a little-endian counter of 8 whose upper half stays zero, 12 varying bytes; or
/// 24 varying ones.
std::string make_nonce(NonceForm form, std::uint32_t counter, std::mt19937_64& random) {
    Writer out;
    put_random(out, 4, random);
    if (form == NonceForm::counter)
        out.le32(counter).le32(0);
    else
        put_random(out, 8, random);
    put_random(out, 12, random);
    return base64_encode(out.take());
}

bool seen(const SocketLogins& socket, const http::Authorization& answer) {
    return socket.nonce == answer.nonce &&
           std::ranges::find(socket.counts, answer.nc) != socket.counts.end();
}

void remember(SocketLogins& socket, const http::Authorization& answer) {
    if (socket.nonce != answer.nonce) {
        socket.nonce = answer.nonce;
        socket.counts.clear();
    }
    if (socket.counts.size() >= SocketLogins::most_counts)
        socket.counts.erase(socket.counts.begin());
    socket.counts.push_back(answer.nc);
}

}  // namespace

std::string_view name(Verdict verdict) {
    switch (verdict) {
        case Verdict::accepted:
            return "accepted";
        case Verdict::missing:
            return "missing";
        case Verdict::rejected:
            return "rejected";
        case Verdict::locked:
            return "locked";
        case Verdict::unknown_nonce:
            return "unknown_nonce";
        case Verdict::replayed:
            return "replayed";
    }
    return "missing";
}

DigestGuard::DigestGuard(const Personality& personality)
    : rule_(personality.lock_out),
      form_(personality.nonce),
      offers_auth_int_(std::ranges::find(personality.qop, "auth-int") != personality.qop.end()),
      next_period_(rule_.first) {}

http::Challenge DigestGuard::challenge(std::string_view realm, Time now, std::mt19937_64& random) {
    if (given_out_ == 0) given_out_ = random() % 0x10000;
    if (nonces_.size() >= most_nonces) nonces_.erase(nonces_.begin());
    nonces_.push_back({make_nonce(form_, static_cast<std::uint32_t>(++given_out_), random), now});

    http::Challenge challenge;
    challenge.realm = realm;
    challenge.nonce = nonces_.back().text;
    challenge.offers_auth = true;
    challenge.offers_auth_int = offers_auth_int_;
    return challenge;
}

Login DigestGuard::check(const Device& device, const http::Request& request, SocketLogins& socket,
                         bool tls, Time now) {
    Login login;
    const auto header = request.fields.find("Authorization");
    if (!header || !equal_ignoring_case(header->substr(0, 6), "Digest")) return login;

    const auto answer = http::decode_authorization(*header);
    if (answer) login.user = answer->username;
    if (locked(now)) {
        login.verdict = Verdict::locked;
        return login;
    }
    login.verdict = answer ? judge(device, request, *answer, socket, tls, now) : Verdict::rejected;
    if (login.verdict == Verdict::rejected) count_failure(now);
    if (login.verdict == Verdict::accepted) {
        const Account* account = device.account(answer->username);
        login.account = *account;
        failures_ = 0;
        next_period_ = rule_.first;
        if (tls) {
            socket.credential = *header;
            socket.credential_ha1 = account->ha1;
        }
    }
    return login;
}

Login DigestGuard::check(const Device& device, const codec::redirection::DigestLogin& answer,
                         codec::redirection::Method method, Time now) {
    const Account* account = device.account(answer.user);
    const bool good = account != nullptr && answer.realm == device.digest_realm() &&
                      codec::redirection::answers(answer, method, account->ha1);
    Login login = redirection_login(answer.user, good ? account : nullptr, now);
    if (login.verdict == Verdict::accepted && !touch(answer.nonce, now))
        login.verdict = Verdict::unknown_nonce;
    return login;
}

Login DigestGuard::check(const Device& device, std::string_view user, const Secret& password,
                         Time now) {
    const Account* account = device.account(user);
    const bool good = account != nullptr &&
                      http::digest_ha1(user, device.digest_realm(), password) == account->ha1;
    return redirection_login(user, good ? account : nullptr, now);
}

Login DigestGuard::redirection_login(std::string_view user, const Account* account, Time now) {
    constexpr unsigned redirection_realm = 2;
    Login login;
    login.user = user;
    login.verdict = Verdict::locked;
    if (locked(now)) return login;
    login.verdict = Verdict::rejected;
    if (account == nullptr || !account->realms.contains(redirection_realm)) {
        count_failure(now);
        return login;
    }
    login.verdict = Verdict::accepted;
    login.account = *account;
    failures_ = 0;
    return login;
}

Verdict DigestGuard::judge(const Device& device, const http::Request& request,
                           const http::Authorization& answer, SocketLogins& socket, bool tls,
                           Time now) {
    const Account* account = device.account(answer.username);
    if (account == nullptr || answer.realm != device.digest_realm()) return Verdict::rejected;

    // From AMT 6 a TLS socket vouches for a credential that it has accepted once; a changed account
    // does not count.
    const bool vouched = tls && socket.credential == *request.fields.find("Authorization") &&
                         socket.credential_ha1 == account->ha1;
    if (vouched) return Verdict::accepted;

    const bool offered = answer.protection == http::Protection::auth ||
                         (answer.protection == http::Protection::auth_int && offers_auth_int_);
    if (!offered || answer.uri != request.target ||
        !http::digest_matches(answer, account->ha1, request.method, request.body))
        return Verdict::rejected;

    if (!touch(answer.nonce, now)) return Verdict::unknown_nonce;
    if (!tls && seen(socket, answer)) return Verdict::replayed;
    remember(socket, answer);
    return Verdict::accepted;
}

bool DigestGuard::touch(std::string_view nonce, Time now) {
    std::erase_if(nonces_, [&](const Nonce& known) { return now - known.used > nonce_life; });
    const auto found = std::ranges::find(nonces_, nonce, &Nonce::text);
    if (found == nonces_.end()) return false;
    found->used = now;
    std::rotate(found, found + 1, nonces_.end());
    return true;
}

void DigestGuard::count_failure(Time now) {
    if (now - last_failure_ > rule_.forget) {
        failures_ = 0;
        next_period_ = rule_.first;
    }
    last_failure_ = now;
    if (++failures_ < rule_.failures) return;
    locked_until_ = now + next_period_;
    next_period_ = std::min(next_period_ * 2, rule_.longest);
}

}  // namespace oob::sim
