#include "session/redact.h"

#include "codec/wsman/redaction.h"
#include "codec/wsman/secrets.h"
#include "core/text.h"

#include <algorithm>
#include <array>
#include <optional>

namespace oob::session {

namespace {

using codec::wsman::blot;
constexpr auto nowhere = std::string_view::npos;
constexpr std::string_view blanks = " \t\r\n";

/// What of a digest login tells nothing about the password. A response and its cnonce do: whoever
/// has both can try passwords.
constexpr std::array<std::string_view, 11> plain_parameters{
    "username", "realm", "nonce",     "uri",     "qop",      "nc",
    "opaque",   "stale", "algorithm", "charset", "nextnonce"};

/// In the names of fields: what is in them lets others in.
constexpr std::array<std::string_view, 6> telling_parts{"cookie",  "token",   "authorization",
                                                        "api-key", "session", "x-auth"};

template <class List>
bool among(const List& list, std::string_view word) {
    return std::ranges::find(list, word) != list.end();
}

/// A parameter's value at `at`, in quotes or not: where it ends; nowhere when it does not.
std::size_t end_of_value(std::string_view text, std::size_t at) {
    if (at >= text.size()) return nowhere;
    if (text[at] != '"') return std::min(text.find_first_of(", \t\r\n", at), text.size());
    for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
    return at < text.size() ? at + 1 : nowhere;
}

/// `name=value, name="value"`: the values of those that are plain; from where it reads otherwise
/// on, nothing.
std::string parameters(std::string_view text) {
    std::string out;
    std::size_t at = 0;
    for (;;) {
        const std::size_t begin = std::min(text.find_first_not_of(", \t\r\n", at), text.size());
        out += text.substr(at, begin - at);
        if (begin == text.size()) return out;
        const std::size_t equals = text.find('=', begin);
        const std::string_view name = text.substr(begin, equals - begin);
        const std::size_t end = equals == nowhere ? nowhere : end_of_value(text, equals + 1);
        const bool follows = end != nowhere && (end == text.size() || text[end] == ',' ||
                                                blanks.find(text[end]) != nowhere);
        if (!follows || name.find_first_of("\" \t\r\n,") != nowhere) return out += blot;
        const std::string_view value = text.substr(equals + 1, end - equals - 1);
        out += join({name, "="});
        out += among(plain_parameters, lower(trim(name))) ? codec::wsman::redact_words(value)
                                                          : std::string(blot);
        at = end;
    }
}

/// A login: the scheme is shown, and what digest has that is plain.
std::string login(std::string_view value) {
    const std::size_t end = value.find_first_of(blanks);
    const std::string_view scheme = value.substr(0, end);
    if (end == nowhere) return std::string(value.empty() ? "" : blot);
    if (equal_ignoring_case(scheme, "Digest")) return join({scheme, parameters(value.substr(end))});
    constexpr std::array<std::string_view, 5> known{"basic", "bearer", "negotiate", "ntlm",
                                                    "kerberos"};
    return among(known, lower(scheme)) ? join({scheme, " ", blot}) : std::string(blot);
}

/// What a server asks for; of Negotiate's and others' answers only the name.
std::string challenge(std::string_view value) {
    const std::string_view scheme = value.substr(0, value.find_first_of(" \t,"));
    const std::string_view rest = value.substr(scheme.size());
    if (equal_ignoring_case(scheme, "Digest") || equal_ignoring_case(scheme, "Basic"))
        return codec::wsman::redact_words(value);
    return join({scheme, rest.empty() ? "" : " ", rest.empty() ? "" : blot});
}

std::string field_value(const std::string& name, std::string_view value) {
    if (name == "www-authenticate" || name == "proxy-authenticate") return challenge(value);
    if (name.ends_with("authentication-info")) return parameters(value);
    if (name == "authorization" || name == "proxy-authorization") return login(value);
    const bool telling = std::ranges::any_of(
        telling_parts, [&](auto part) { return name.find(part) != std::string::npos; });
    if (telling || codec::wsman::is_secret(name)) return std::string(value.empty() ? "" : blot);
    return codec::wsman::redact_words(value);
}

bool is_token(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != nowhere;
}

/// Where the field ends that begins at `at`, its folded lines included: behind its last line end.
std::size_t end_of_field(std::string_view text, std::size_t at) {
    do {
        at = text.find('\n', at);
        if (at == nowhere) return text.size();
        ++at;
    } while (at < text.size() && (text[at] == ' ' || text[at] == '\t'));
    return at;
}

/// "Name: value\r\n" without secrets; nothing for a line that is no field.
std::optional<std::string> field(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == nowhere || colon == 0) return std::nullopt;
    const std::string_view name = trim(line.substr(0, colon));
    if (name.empty() || !std::ranges::all_of(name, is_token)) return std::nullopt;
    const std::size_t begin = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
    const std::size_t last = line.find_last_not_of("\r\n");
    const std::size_t end = last == nowhere ? begin : std::max(last + 1, begin);
    return join({line.substr(0, begin), field_value(lower(name), line.substr(begin, end - begin)),
                 line.substr(end)});
}

/// "POST /wsman HTTP/1.1" or "HTTP/1.1 200 OK", or the beginning of one.
bool is_first_line(std::string_view line) {
    const std::size_t end = std::min(line.find_first_of(" /\r\n"), line.size());
    return end > 0 &&
           std::ranges::all_of(line.substr(0, end), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

std::string redact(std::string_view wire) {
    std::string out;
    std::size_t at = 0;
    const std::size_t first = std::min(wire.find('\n'), wire.size());
    if (is_first_line(wire)) {
        out = codec::wsman::redact_words(wire.substr(0, first));
        at = first;
        if (at < wire.size()) out += wire[at++];
    }
    while (at < wire.size()) {
        const std::size_t end = end_of_field(wire, at);
        const auto shown = field(wire.substr(at, end - at));
        if (!shown) break;
        out += *shown;
        at = end;
    }
    const std::string_view rest = wire.substr(at);
    const std::size_t empty_line = rest.starts_with("\r\n") ? 2 : rest.starts_with("\n") ? 1 : 0;
    out += rest.substr(0, empty_line);
    return out + codec::wsman::redact(rest.substr(empty_line));
}

std::string describe(const codec::http::Response& response) {
    std::string text =
        join({"HTTP/1.1 ", std::to_string(response.status), " ", response.reason, "\r\n"});
    for (const auto& [name, value] : response.fields) text += join({name, ": ", value, "\r\n"});
    return redact(text + "\r\n" + response.body);
}

}  // namespace oob::session
