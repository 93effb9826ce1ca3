#include "session/redirection_session.h"

#include "core/text.h"
#include "net/deadline.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>

namespace oob::session {

namespace redirection = codec::redirection;
using net::Task;
using redirection::Code;
using redirection::Method;

namespace {

constexpr std::chrono::milliseconds longest_login{20'000};
constexpr int most_challenges = 2;  // the second after a nonce that went stale

std::string client_nonce() {
    std::random_device random;
    Writer out;
    for (int i = 0; i < 4; ++i) out.le32(random());
    return hex_lower(out.take());
}

[[noreturn]] void refuse(std::uint8_t status) {
    const auto with_status = [status](Error error) {
        fail(std::move(error).with("redirection_status", status));
    };
    switch (static_cast<redirection::StartStatus>(status)) {
        case redirection::StartStatus::busy:
            with_status(Error(Class::session_busy, "session_busy.redirection",
                              "somebody else has such a session open", "--close-sessions ends it"));
            break;
        case redirection::StartStatus::disabled:
            with_status(Error(Class::precondition, "precondition.redirection",
                              "redirection of this kind is switched off",
                              "--enable switches it on"));
            break;
        case redirection::StartStatus::consent_required:
            with_status(Error(Class::consent, "consent.required", "the machine's user has to agree",
                              "ask for the six digits on its screen and give --consent-code"));
            break;
        default:
            break;
    }
    with_status(Error(Class::firmware, "firmware.redirection",
                      "the device refused the session with status " + std::to_string(status),
                      "does this machine have the feature?"));
    std::unreachable();
}

/// Why a password does not go out as it is: it is not certain who would get it.
Error unsafe_password(const std::optional<net::Trusted>& trusted) {
    if (!trusted)
        return Error(Class::unsupported, "unsupported.login",
                     "the device takes the password in clear only, and the connection is not "
                     "encrypted",
                     "use amt://, which is TLS, with a key that was compared and pinned");
    const std::string& key = trusted->facts.fingerprint;
    const char* why = trusted->verified == net::Verified::none
                          ? "nobody has verified its key"
                          : "its key was seen for the first time in this run";
    return Error(Class::tls, "tls.unverified",
                 join({"the device takes the password in clear only, and ", why}),
                 join({"compare the key with the device, then pin it (--tls-pin ", key, ")"}))
        .with("fingerprint", key);
}

}  // namespace

Task<RedirectionSession> RedirectionSession::open(Peer peer, redirection::Protocol protocol,
                                                  Account account) {
    RedirectionSession session(std::move(peer));
    co_await net::within(longest_login, session.begin(protocol), "start");
    co_await net::within(longest_login, session.log_in(std::move(account)), "login");
    co_return session;
}

Task<std::optional<View>> RedirectionSession::receive() {
    for (;;) {
        if (const auto message = take(framer_.next())) co_return message;
        const std::size_t count = co_await stream_->read_some(chunk_);
        if (count == 0) co_return std::nullopt;
        framer_.feed(View(chunk_).first(count));
    }
}

Task<View> RedirectionSession::expect(Code code) {
    const auto message = co_await receive();
    if (!message)
        fail(Class::connect, "connect.closed", "the device closed the redirection connection",
             "is redirection switched on? --enable switches it on");
    if (redirection::code_of(*message) != code)
        fail(Class::protocol, "redirection.unexpected",
             "the device sent another message than expected", "is this AMT's redirection port?");
    co_return *message;
}

Task<void> RedirectionSession::begin(redirection::Protocol protocol) {
    co_await send(encode(redirection::StartSession{protocol}));
    const View message = co_await expect(Code::start_session_reply);
    const auto reply = take(redirection::decode_start_session_reply(message));
    if (reply.status != 0) refuse(reply.status);
}

Task<redirection::AuthenticateReply> RedirectionSession::authenticate(
    redirection::Authenticate login) {
    co_await send(encode(login));
    const View message = co_await expect(Code::authenticate_reply);
    co_return take(redirection::decode_authenticate_reply(message));
}

Task<Method> RedirectionSession::choose_method() {
    const redirection::AuthenticateReply offered = co_await authenticate({});
    const auto offers = [&](Method method) {
        return std::ranges::find(offered.data, static_cast<std::byte>(method)) !=
               offered.data.end();
    };
    if (offers(Method::digest)) co_return Method::digest;
    if (offers(Method::digest_without_qop)) co_return Method::digest_without_qop;
    if (!offers(Method::password))
        fail(Class::unsupported, "unsupported.login",
             "the device offers no login that is known here",
             "digest logins are known; is this AMT's redirection port?");
    if (!trusted_ || !trusted_->peer_is_certain()) fail(unsafe_password(trusted_));
    co_return Method::password;
}

Task<void> RedirectionSession::log_in(Account account) {
    const Method method = co_await choose_method();
    redirection::AuthenticateReply reply;
    if (method == Method::password) {
        reply = co_await authenticate({method, redirection::encode_login(redirection::PasswordLogin{
                                                   account.user, account.password})});
    } else {
        redirection::DigestLogin first;
        first.user = account.user;
        first.uri = redirection::redirection_uri;
        reply = co_await authenticate({method, redirection::encode_login(first, method)});
        for (int i = 0; i < most_challenges && !reply.data.empty() && reply.status != 0; ++i) {
            const auto challenge = take(redirection::decode_challenge(reply.data, method));
            const auto login = redirection::answer(challenge, method, account.user,
                                                   account.password, client_nonce());
            reply = co_await authenticate({method, redirection::encode_login(login, method)});
        }
    }
    if (reply.status == redirection::authenticate_success) co_return;
    fail(Error(Class::auth, "auth.rejected", "the device refused the login to redirection",
               "check user and password; does the account have the realm Redirection?")
             .with("redirection_status", reply.status));
}

}  // namespace oob::session
