#include "codec/http/digest.h"

#include "core/bytes.h"
#include "core/text.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <memory>
#include <utility>
#include <vector>

namespace oob::codec::http {

namespace {

constexpr std::size_t nc_digits = 8;
constexpr std::size_t response_digits = 32;

/// MD5 over the parts with a colon between them, in lower-case hex. No joined copy is made, because
/// a part may be a password.
std::string md5(std::initializer_list<std::string_view> parts) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    bool ok = EVP_DigestInit_ex(context.get(), EVP_md5(), nullptr) == 1;
    bool first = true;
    for (const std::string_view part : parts) {
        if (!std::exchange(first, false)) ok = ok && EVP_DigestUpdate(context.get(), ":", 1) == 1;
        ok = ok && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
    }
    ok = ok && EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1;
    if (!ok)
        fail(Class::unsupported, "auth.no_md5", "this machine's OpenSSL does not offer MD5",
             "HTTP Digest of Intel AMT needs MD5: allow OpenSSL's default provider");
    return hex_lower(std::as_bytes(std::span(digest).first(size)));
}

std::string in_quotes(std::string_view value) {
    std::string text = "\"";
    for (const char letter : value) {
        if (letter == '"' || letter == '\\') text += '\\';
        text += letter;
    }
    text += '"';
    return text;
}

/// The response of RFC 7616, section 3.4.1; without a protection that of RFC 2069, section 2.1.2.
std::string answer(const Authorization& authorization, std::string_view ha1,
                   std::string_view method, std::string_view body) {
    if (!authorization.protection)
        return md5({ha1, authorization.nonce, md5({method, authorization.uri})});
    const bool whole = *authorization.protection == Protection::auth_int;
    const std::string ha2 =
        whole ? md5({method, authorization.uri, md5({body})}) : md5({method, authorization.uri});
    return md5({ha1, authorization.nonce, authorization.nc, authorization.cnonce,
                whole ? "auth-int" : "auth", ha2});
}

struct Parameter {
    std::string name;  ///< lower case
    std::string value;
};

/// One challenge, or one set of credentials: a scheme and what follows it.
struct Scheme {
    std::string name;  ///< lower case
    std::vector<Parameter> parameters;

    const std::string* find(std::string_view parameter) const {
        const auto found = std::ranges::find(parameters, parameter, &Parameter::name);
        return found == parameters.end() ? nullptr : &found->value;
    }
    std::string text(std::string_view parameter) const {
        const std::string* const value = find(parameter);
        return value == nullptr ? std::string() : *value;
    }
    /// RFC 7616, section 3.3: absent means MD5.
    bool is_md5_digest() const {
        const std::string* const algorithm = find("algorithm");
        return name == "digest" && (algorithm == nullptr || equal_ignoring_case(*algorithm, "MD5"));
    }
};

/// Reads the schemes of a WWW-Authenticate or Authorization header (RFC 9110, section 11), more
/// lenient than the grammar: blanks may stand or lack anywhere, and values need no quotes.
class SchemeReader {
 public:
    explicit SchemeReader(std::string_view header) : rest_(header) {}

    /// Every scheme in the header; nothing when it cannot be read. Each step takes at least one
    /// letter off the header, whose length is limited by the parser that it came from.
    std::optional<std::vector<Scheme>> read() {
        std::vector<Scheme> schemes;
        skip(" \t,");
        while (!rest_.empty()) {
            const std::string word = lower(take_until(" \t,=\""));
            if (word.empty()) return std::nullopt;
            const bool blank_before_next = skip(" \t");
            if (rest_.starts_with('=') && !schemes.empty()) {
                if (!read_parameter(schemes.back(), word)) return std::nullopt;
            } else if (rest_.empty() || rest_.starts_with(',') || blank_before_next) {
                schemes.push_back({word, {}});
                skip_token68();
            } else {
                return std::nullopt;
            }
            skip(" \t,");
        }
        return schemes;
    }

 private:
    bool skip(std::string_view letters) {
        const std::size_t count = std::min(rest_.find_first_not_of(letters), rest_.size());
        rest_.remove_prefix(count);
        return count > 0;
    }

    std::string_view take_until(std::string_view letters) {
        const std::string_view taken = rest_.substr(0, rest_.find_first_of(letters));
        rest_.remove_prefix(taken.size());
        return taken;
    }

    /// What Basic, Negotiate and NTLM have in the place of parameters: one word of base64.
    void skip_token68() {
        const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t,"));
        const std::string_view padding = word.substr(std::min(word.find('='), word.size()));
        const bool last = word.size() == rest_.size() || rest_[word.size()] == ',';
        if (last && padding.find_first_not_of('=') == std::string_view::npos)
            rest_.remove_prefix(word.size());
    }

    bool read_parameter(Scheme& scheme, const std::string& name) {
        rest_.remove_prefix(1);  // the equals sign
        skip(" \t");
        std::string value;
        if (rest_.starts_with('"')) {
            if (!read_quoted(value)) return false;
        } else {
            value = take_until(" \t,\"");
            if (value.empty()) return false;
        }
        if (scheme.find(name) != nullptr) return false;
        scheme.parameters.push_back({name, std::move(value)});
        return true;
    }

    bool read_quoted(std::string& value) {
        rest_.remove_prefix(1);
        while (!rest_.empty() && rest_.front() != '"') {
            if (rest_.front() == '\\') rest_.remove_prefix(1);
            if (rest_.empty()) return false;
            value += rest_.front();
            rest_.remove_prefix(1);
        }
        if (rest_.empty()) return false;
        rest_.remove_prefix(1);
        return true;
    }

    std::string_view rest_;
};

Error bad_challenge(std::string_view what) {
    return Error(Class::protocol, "http.challenge",
                 join({"the device's digest challenge is malformed: ", what}));
}

Error bad_authorization(std::string_view what) {
    return Error(Class::protocol, "http.authorization",
                 join({"the client's Authorization header is malformed: ", what}));
}

Error not_digest() {
    return Error(Class::auth, "auth.scheme", "the other side does not offer HTTP Digest with MD5",
                 "only digest accounts can be used");
}

/// The first digest of a header that can be computed here.
Result<Scheme> find_digest(std::string_view header, Error (*bad)(std::string_view)) {
    auto schemes = SchemeReader(header).read();
    if (!schemes) return std::unexpected(bad("it cannot be read"));
    const auto digest = std::ranges::find_if(*schemes, &Scheme::is_md5_digest);
    if (digest == schemes->end()) return std::unexpected(not_digest());
    return std::move(*digest);
}

bool is_hex(std::string_view text, std::size_t digits) {
    return text.size() == digits && parse_hex(text).has_value();
}

}  // namespace

std::string encode_challenge(const Challenge& challenge) {
    std::string text =
        join({"Digest realm=", in_quotes(challenge.realm), ", nonce=", in_quotes(challenge.nonce),
              ",stale=", in_quotes(challenge.stale ? "true" : "false")});
    if (challenge.offers_auth && challenge.offers_auth_int)
        text += ",qop=\"auth-int, auth\"";
    else if (challenge.offers_auth || challenge.offers_auth_int)
        text += challenge.offers_auth ? ",qop=\"auth\"" : ",qop=\"auth-int\"";
    if (!challenge.opaque.empty()) text += join({",opaque=", in_quotes(challenge.opaque)});
    return text;
}

Result<Challenge> decode_challenge(std::string_view header) {
    const auto digest = find_digest(header, bad_challenge);
    if (!digest) return std::unexpected(digest.error());

    Challenge challenge;
    challenge.realm = digest->text("realm");
    challenge.nonce = digest->text("nonce");
    challenge.opaque = digest->text("opaque");
    challenge.stale = equal_ignoring_case(digest->text("stale"), "true");
    const std::string* const protections = digest->find("qop");
    if (protections != nullptr) {
        for (const std::string_view each : split(*protections, ',')) {
            if (equal_ignoring_case(trim(each), "auth")) challenge.offers_auth = true;
            if (equal_ignoring_case(trim(each), "auth-int")) challenge.offers_auth_int = true;
        }
    }
    if (digest->find("realm") == nullptr) return std::unexpected(bad_challenge("no realm"));
    if (challenge.nonce.empty()) return std::unexpected(bad_challenge("no nonce"));
    if (protections != nullptr && !challenge.offers_auth && !challenge.offers_auth_int)
        return std::unexpected(bad_challenge("no known quality of protection"));
    return challenge;
}

std::string encode_authorization(const Challenge& challenge, std::string_view user,
                                 const Secret& password, const DigestInput& input) {
    Authorization authorization;
    authorization.nonce = challenge.nonce;
    authorization.uri = input.uri;
    authorization.cnonce = input.cnonce;
    std::string nc = hex_lower(Writer().be32(input.nc).take());
    authorization.nc = nc;
    if (challenge.offers_auth)
        authorization.protection = Protection::auth;
    else if (challenge.offers_auth_int)
        authorization.protection = Protection::auth_int;

    std::string ha1 = digest_ha1(user, challenge.realm, password);
    const std::string response = answer(authorization, ha1, input.method, input.body);
    cleanse(ha1);

    std::string text =
        join({"Digest username=", in_quotes(user), ", realm=", in_quotes(challenge.realm),
              ", nonce=", in_quotes(challenge.nonce), ", uri=", in_quotes(input.uri)});
    if (authorization.protection)
        text += join({", qop=", challenge.offers_auth ? "auth" : "auth-int", ", nc=", nc,
                      ", cnonce=", in_quotes(input.cnonce)});
    text += join({", response=", in_quotes(response)});
    if (!challenge.opaque.empty()) text += join({", opaque=", in_quotes(challenge.opaque)});
    return text;
}

Result<Authorization> decode_authorization(std::string_view header) {
    const auto digest = find_digest(header, bad_authorization);
    if (!digest) return std::unexpected(digest.error());

    Authorization authorization;
    authorization.username = digest->text("username");
    authorization.realm = digest->text("realm");
    authorization.nonce = digest->text("nonce");
    authorization.uri = digest->text("uri");
    authorization.cnonce = digest->text("cnonce");
    authorization.nc = digest->text("nc");
    authorization.response = digest->text("response");
    authorization.opaque = digest->text("opaque");

    for (const std::string_view required : {"username", "realm", "nonce", "uri", "response"})
        if (digest->find(required) == nullptr)
            return std::unexpected(bad_authorization(join({"no ", required})));
    if (!is_hex(authorization.response, response_digits))
        return std::unexpected(bad_authorization("the response is not an MD5 digest"));

    const std::string* const protection = digest->find("qop");
    if (protection == nullptr) return authorization;
    if (equal_ignoring_case(*protection, "auth"))
        authorization.protection = Protection::auth;
    else if (equal_ignoring_case(*protection, "auth-int"))
        authorization.protection = Protection::auth_int;
    else
        return std::unexpected(bad_authorization("unknown quality of protection"));
    if (!is_hex(authorization.nc, nc_digits) || authorization.cnonce.empty())
        return std::unexpected(bad_authorization("no nonce count or no client nonce"));
    return authorization;
}

std::string digest_ha1(std::string_view user, std::string_view realm, const Secret& password) {
    return md5({user, realm, password.reveal()});
}

std::string digest_response(const Authorization& authorization, std::string_view ha1,
                            std::string_view method, std::string_view body) {
    return answer(authorization, ha1, method, body);
}

bool digest_matches(const Authorization& authorization, std::string_view ha1,
                    std::string_view method, std::string_view body) {
    const std::string expected = answer(authorization, lower(ha1), method, body);
    const std::string given = lower(authorization.response);
    return given.size() == expected.size() &&
           CRYPTO_memcmp(given.data(), expected.data(), expected.size()) == 0;
}

}  // namespace oob::codec::http
