#pragma once

#include "core/error.h"
#include "core/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oob::codec::http {

/// Which quality of protection a digest covers: the request line, or the body too (RFC 7616,
/// section 3.4.3).
enum class Protection { auth, auth_int };

/// WWW-Authenticate: Digest (RFC 7616; AMT's own form is in reference wsman, section 1.8).
struct Challenge {
    std::string realm;
    std::string nonce;
    std::string opaque;  ///< empty when the server sent none
    bool stale = false;
    bool offers_auth = false;
    bool offers_auth_int = false;
};

/// Authorization: Digest, as a device reads it from any client.
struct Authorization {
    std::string username;
    std::string realm;
    std::string nonce;
    std::string uri;
    std::string cnonce;
    std::string nc;        ///< eight hexadecimal digits, as sent
    std::string response;  ///< 32 hexadecimal digits
    std::string opaque;
    std::optional<Protection> protection;  ///< none: the old form of RFC 2069
};

/// What a client computes an answer from.
struct DigestInput {
    std::string_view method;
    std::string_view uri;
    std::string_view body;  ///< before any chunking; counts only for auth-int
    std::string_view cnonce;
    std::uint32_t nc = 1;
};

/// AMT's exact text (reference wsman, section 1.8): one blank after the first comma, none after the
/// others, every value quoted; both protections are the list "auth-int, auth".
std::string encode_challenge(const Challenge& challenge);
/// Reads the challenge of any server: the first Digest with MD5 among all schemes in the header.
/// Errors: class `auth` code `auth.scheme` when there is none; class `protocol` code
/// `http.challenge` when the header is malformed or a realm, a nonce or a known qop is missing.
Result<Challenge> decode_challenge(std::string_view header);

/// The value of the Authorization header; prefers plain `auth` when both are offered, and answers
/// as RFC 2069 when neither is. Quotes as RFC 7616, section 3.4, does.
std::string encode_authorization(const Challenge& challenge, std::string_view user,
                                 const Secret& password, const DigestInput& input);
/// Reads every spelling in reference wsman, section 1.8: quoted or not, blanks or not, any order.
/// Errors: `auth.scheme` as above; class `protocol` code `http.authorization` when a part is
/// missing, given twice or malformed.
Result<Authorization> decode_authorization(std::string_view header);

/// MD5(user:realm:password) in lower-case hex: what AMT stores instead of a password.
std::string digest_ha1(std::string_view user, std::string_view realm, const Secret& password);

/// What `response` has to be for the other fields: for protocols that carry a digest without HTTP.
std::string digest_response(const Authorization& authorization, std::string_view ha1,
                            std::string_view method, std::string_view body);

/// True when `authorization` answers the request for an account whose HA1 is given. Constant-time
/// comparison. The caller checks realm, nonce and uri, and that the protection was offered.
bool digest_matches(const Authorization& authorization, std::string_view ha1,
                    std::string_view method, std::string_view body);

}  // namespace oob::codec::http
