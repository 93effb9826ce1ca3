#pragma once

#include "codec/redirection/code.h"
#include "core/error.h"
#include "core/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Beginning a redirection connection: what it is for, and the login (reference redirection,
/// chapter 2). Decoders get one whole message out of a Framer.
namespace oob::codec::redirection {

enum class Protocol { sol, ider, kvm };
/// The four letters on the wire; nothing for a name that is none.
std::string_view wire_name(Protocol protocol);
std::optional<Protocol> protocol_named(std::string_view name);

struct StartSession {
    Protocol protocol = Protocol::sol;
    friend bool operator==(const StartSession&, const StartSession&) = default;
};

/// Why a session was not started (section 6.1).
enum class StartStatus : std::uint8_t {
    success = 0,
    unknown_type = 1,
    busy = 2,
    disabled = 3,
    consent_required = 5,
    failed = 0xff,
};

struct StartSessionReply {
    std::uint8_t status = 0;
    std::uint8_t firmware_major = 0;
    std::uint8_t firmware_minor = 0;
    friend bool operator==(const StartSessionReply&, const StartSessionReply&) = default;
};

/// Ways to log in; `query` asks which there are.
enum class Method : std::uint8_t {
    query = 0,
    password = 1,
    kerberos = 2,
    digest_without_qop = 3,  ///< RFC 2069
    digest = 4,              ///< RFC 2617 with qop "auth"
};

struct Authenticate {
    Method method = Method::query;
    Bytes data{};
    friend bool operator==(const Authenticate&, const Authenticate&) = default;
};

inline constexpr std::uint8_t authenticate_success = 0;
inline constexpr std::uint8_t authenticate_failed = 1;  ///< or a challenge, when data follows
inline constexpr std::uint8_t authenticate_unsupported = 2;

struct AuthenticateReply {
    std::uint8_t status = authenticate_success;
    Method method = Method::query;
    Bytes data{};
    friend bool operator==(const AuthenticateReply&, const AuthenticateReply&) = default;
};

Bytes encode(const StartSession& message);
Bytes encode(const StartSessionReply& message);
Bytes encode(const Authenticate& message);
Bytes encode(const AuthenticateReply& message);
Bytes encode_end_session();

/// Errors: class `protocol`, code `redirection.malformed`.
Result<StartSession> decode_start_session(View message);
Result<StartSessionReply> decode_start_session_reply(View message);
Result<Authenticate> decode_authenticate(View message);
Result<AuthenticateReply> decode_authenticate_reply(View message);

/// What a digest login carries; in its first round only `user` and `uri` are set.
struct DigestLogin {
    std::string user;
    std::string realm;
    std::string nonce;
    std::string uri;
    std::string cnonce;
    std::string nc;
    std::string response;
    std::string qop;  ///< of method 4 alone
    friend bool operator==(const DigestLogin&, const DigestLogin&) = default;
};

/// What a login with the password in clear carries.
struct PasswordLogin {
    std::string user;
    Secret password;
};

struct DigestChallenge {
    std::string realm;
    std::string nonce;
    std::string qop;  ///< of method 4 alone
    friend bool operator==(const DigestChallenge&, const DigestChallenge&) = default;
};

/// The data of Authenticate and its reply for methods 3 and 4: strings behind a byte of length.
/// Strings are cut at 255 bytes.
Bytes encode_login(const DigestLogin& login, Method method);
Result<DigestLogin> decode_login(View data, Method method);
Bytes encode_login(const PasswordLogin& login);
Result<PasswordLogin> decode_password(View data);
Bytes encode_challenge(const DigestChallenge& challenge, Method method);
Result<DigestChallenge> decode_challenge(View data, Method method);

/// The uri that every client sends.
inline constexpr std::string_view redirection_uri = "/RedirectionService";

/// A login that answers the challenge (section 2.5).
DigestLogin answer(const DigestChallenge& challenge, Method method, std::string_view user,
                   const Secret& password, std::string_view cnonce);
/// True when the login's response is that of the account whose HA1 is given. Nonce and realm are
/// the caller's to check.
bool answers(const DigestLogin& login, Method method, std::string_view ha1);

}  // namespace oob::codec::redirection
