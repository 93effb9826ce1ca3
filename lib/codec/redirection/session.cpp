#include "codec/redirection/session.h"

#include "codec/http/digest.h"

#include <algorithm>
#include <array>
#include <utility>

namespace oob::codec::redirection {

namespace {

constexpr std::uint32_t intel = 343;  // IANA enterprise number
constexpr std::size_t longest_string = 255;
/// There is no HTTP here, but the digest is computed as if there were.
constexpr std::string_view digest_method = "POST";
constexpr std::string_view usual_nc = "00000002";

constexpr std::array<std::pair<Protocol, std::string_view>, 3> names{
    {{Protocol::sol, "SOL "}, {Protocol::ider, "IDER"}, {Protocol::kvm, "KVMR"}}};

std::unexpected<Error> malformed(const char* what) {
    return std::unexpected(
        Error(Class::protocol, "redirection.malformed", what, "is this AMT's redirection port?"));
}

void put(Writer& out, std::string_view text) {
    text = text.substr(0, longest_string);
    out.u8(static_cast<std::uint8_t>(text.size())).bytes(as_view(text));
}

std::string get(Reader& in) {
    const std::uint8_t size = in.u8();
    return std::string(as_text(in.bytes(size)));
}

void head(Writer& out, Code code, std::uint8_t status) {
    out.u8(static_cast<std::uint8_t>(code)).u8(status).le16(0);
}

/// Strings in the order of the wire.
template <class Login>
auto strings(Login& login) {
    return std::array{&login.user,   &login.realm, &login.nonce,    &login.uri,
                      &login.cnonce, &login.nc,    &login.response, &login.qop};
}

std::size_t string_count(Method method) { return method == Method::digest ? 8 : 7; }

http::Authorization authorization_of(const DigestLogin& login, Method method) {
    http::Authorization out;
    out.username = login.user;
    out.realm = login.realm;
    out.nonce = login.nonce;
    out.uri = login.uri;
    out.cnonce = login.cnonce;
    out.nc = login.nc;
    out.response = login.response;
    if (method == Method::digest) out.protection = http::Protection::auth;
    return out;
}

}  // namespace

std::string_view wire_name(Protocol protocol) {
    return std::ranges::find(names, protocol, &std::pair<Protocol, std::string_view>::first)
        ->second;
}

std::optional<Protocol> protocol_named(std::string_view name) {
    const auto found =
        std::ranges::find(names, name, &std::pair<Protocol, std::string_view>::second);
    if (found == names.end()) return std::nullopt;
    return found->first;
}

Bytes encode(const StartSession& message) {
    Writer out;
    // Clients set the option for KVM alone; what it means is not known.
    head(out, Code::start_session, message.protocol == Protocol::kvm ? 1 : 0);
    return out.bytes(as_view(wire_name(message.protocol))).take();
}

Bytes encode(const StartSessionReply& message) {
    Writer out;
    head(out, Code::start_session_reply, message.status);
    out.u8(1).u8(0).u8(message.firmware_major).u8(message.firmware_minor);
    return out.le32(intel).u8(0).take();
}

Bytes encode(const Authenticate& message) {
    Writer out;
    head(out, Code::authenticate, 0);
    out.u8(static_cast<std::uint8_t>(message.method))
        .le32(static_cast<std::uint32_t>(message.data.size()));
    return out.bytes(message.data).take();
}

Bytes encode(const AuthenticateReply& message) {
    Writer out;
    head(out, Code::authenticate_reply, message.status);
    out.u8(static_cast<std::uint8_t>(message.method))
        .le32(static_cast<std::uint32_t>(message.data.size()));
    return out.bytes(message.data).take();
}

Bytes encode_end_session() {
    Writer out;
    head(out, Code::end_session, 0);
    return out.take();
}

Result<StartSession> decode_start_session(View message) {
    Reader in(message);
    in.skip(4);
    const auto protocol = protocol_named(as_text(in.bytes(4)));
    if (!in.ok() || !protocol) return malformed("a session of no known kind is asked for");
    return StartSession{*protocol};
}

Result<StartSessionReply> decode_start_session_reply(View message) {
    Reader in(message);
    StartSessionReply out;
    in.skip(1);
    out.status = in.u8();
    in.skip(4);
    out.firmware_major = in.u8();
    out.firmware_minor = in.u8();
    in.skip(5);
    if (!in.ok()) return malformed("the reply to the start of a session is cut short");
    return out;
}

Result<Authenticate> decode_authenticate(View message) {
    Reader in(message);
    in.skip(4);
    Authenticate out;
    out.method = static_cast<Method>(in.u8());
    const View data = in.bytes(in.le32());
    out.data.assign(data.begin(), data.end());
    if (!in.ok()) return malformed("a login is cut short");
    return out;
}

Result<AuthenticateReply> decode_authenticate_reply(View message) {
    Reader in(message);
    in.skip(1);
    AuthenticateReply out;
    out.status = in.u8();
    in.skip(2);
    out.method = static_cast<Method>(in.u8());
    const View data = in.bytes(in.le32());
    out.data.assign(data.begin(), data.end());
    if (!in.ok()) return malformed("the reply to a login is cut short");
    return out;
}

Bytes encode_login(const DigestLogin& login, Method method) {
    Writer out;
    const auto all = strings(login);
    for (std::size_t i = 0; i < string_count(method); ++i) put(out, *all[i]);
    return out.take();
}

Result<DigestLogin> decode_login(View data, Method method) {
    Reader in(data);
    DigestLogin out;
    const auto all = strings(out);
    for (std::size_t i = 0; i < string_count(method); ++i) *all[i] = get(in);
    if (!in.ok()) return malformed("a digest login is cut short");
    return out;
}

Bytes encode_login(const PasswordLogin& login) {
    Writer out;
    put(out, login.user);
    put(out, login.password.reveal());
    return out.take();
}

Result<PasswordLogin> decode_password(View data) {
    Reader in(data);
    PasswordLogin out;
    out.user = get(in);
    out.password = Secret(get(in));
    if (!in.ok()) return malformed("a login with a password is cut short");
    return out;
}

Bytes encode_challenge(const DigestChallenge& challenge, Method method) {
    Writer out;
    put(out, challenge.realm);
    put(out, challenge.nonce);
    if (method == Method::digest) put(out, challenge.qop);
    return out.take();
}

Result<DigestChallenge> decode_challenge(View data, Method method) {
    Reader in(data);
    DigestChallenge out;
    out.realm = get(in);
    out.nonce = get(in);
    if (method == Method::digest) out.qop = get(in);
    if (!in.ok() || out.nonce.empty()) return malformed("a digest challenge is cut short");
    return out;
}

DigestLogin answer(const DigestChallenge& challenge, Method method, std::string_view user,
                   const Secret& password, std::string_view cnonce) {
    DigestLogin out;
    out.user = user;
    out.realm = challenge.realm;
    out.nonce = challenge.nonce;
    out.uri = redirection_uri;
    out.cnonce = cnonce;
    out.nc = usual_nc;
    out.qop = challenge.qop;
    out.response =
        http::digest_response(authorization_of(out, method),
                              http::digest_ha1(user, challenge.realm, password), digest_method, {});
    return out;
}

bool answers(const DigestLogin& login, Method method, std::string_view ha1) {
    return http::digest_matches(authorization_of(login, method), ha1, digest_method, {});
}

}  // namespace oob::codec::redirection
