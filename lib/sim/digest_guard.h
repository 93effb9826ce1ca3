#pragma once

#include "codec/http/digest.h"
#include "codec/http/message.h"
#include "codec/redirection/session.h"
#include "sim/device.h"
#include "sim/personality.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace oob::sim {

/// What one digest login came to. Everything but `accepted` is answered with 401 and a fresh
/// challenge.
enum class Verdict {
    accepted,
    missing,        ///< no digest credentials in the request
    rejected,       ///< wrong user, password, realm or uri: counts towards the lock-out
    locked,         ///< refused unseen
    unknown_nonce,  ///< right, but for a nonce that this device does not remember
    replayed,       ///< right, but this socket has seen the same nonce and count before
};
std::string_view name(Verdict verdict);

/// What a guard keeps for each connection.
struct SocketLogins {
    static constexpr std::size_t most_counts = 64;

    std::string nonce;
    std::vector<std::string> counts;  ///< nc values accepted for `nonce`, oldest first
    std::string credential;           ///< the header that the last success carried; TLS only
    std::string credential_ha1;
};

struct Login {
    Verdict verdict = Verdict::missing;
    std::string user;                ///< as claimed; empty when nothing was
    std::optional<Account> account;  ///< of an accepted login
};

/// Hands out a device's challenges and judges the answers (reference wsman, sections 1.7 to 1.9).
class DigestGuard {
 public:
    /// Nonces that are remembered at once; the one unused for longest goes first.
    static constexpr std::size_t most_nonces = 64;
    static constexpr std::chrono::milliseconds nonce_life{3'600'000};

    using Time = std::chrono::system_clock::time_point;

    /// Takes lock-out figures, nonce form and qualities of protection from the personality.
    explicit DigestGuard(const Personality& personality);

    /// A challenge with a nonce that was never given out before.
    codec::http::Challenge challenge(std::string_view realm, Time now, std::mt19937_64& random);
    /// Judges the request's Authorization header. `tls` switches on the cache of the last
    /// credential.
    Login check(const Device& device, const codec::http::Request& request, SocketLogins& socket,
                bool tls, Time now);

    /// Judges a login on a redirection port; there is no replay, because clients count all theirs
    /// as the second (reference redirection, section 2.5).
    Login check(const Device& device, const codec::redirection::DigestLogin& answer,
                codec::redirection::Method method, Time now);

    /// Judges a password in clear, which old firmware takes there.
    Login check(const Device& device, std::string_view user, const Secret& password, Time now);

    bool locked(Time now) const { return now < locked_until_; }
    unsigned failures() const { return failures_; }

 private:
    struct Nonce {
        std::string text;
        Time used;
    };

    Verdict judge(const Device& device, const codec::http::Request& request,
                  const codec::http::Authorization& answer, SocketLogins& socket, bool tls,
                  Time now);
    /// Moves the nonce to the back; false when it is not remembered.
    bool touch(std::string_view nonce, Time now);
    void count_failure(Time now);
    /// `account` is null when the login is not right.
    Login redirection_login(std::string_view user, const Account* account, Time now);

    LockOut rule_;
    NonceForm form_;
    bool offers_auth_int_;
    std::vector<Nonce> nonces_;  // the one used last is at the back
    std::uint64_t given_out_ = 0;
    unsigned failures_ = 0;
    Time last_failure_{};
    Time locked_until_{};
    std::chrono::seconds next_period_;
};

}  // namespace oob::sim
