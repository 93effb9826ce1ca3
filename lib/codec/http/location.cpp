#include "codec/http/location.h"

#include "core/host.h"
#include "core/text.h"

#include <algorithm>

namespace oob::codec::http {

namespace {

constexpr std::size_t longest_url = std::size_t{8} * 1024;

/// A reference in its parts (RFC 3986, appendix B); nothing where the part is not there at all.
struct Parts {
    std::optional<std::string_view> scheme;
    std::optional<std::string_view> authority;
    std::string_view path;
    std::optional<std::string_view> query;
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_of_scheme(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

Parts parts_of(std::string_view text) {
    Parts out;
    text = text.substr(0, text.find('#'));
    const std::size_t end = text.find_first_of(":/?");
    if (end != std::string_view::npos && text[end] == ':' && end > 0 && is_letter(text[0]) &&
        std::ranges::all_of(text.substr(0, end), is_of_scheme)) {
        out.scheme = text.substr(0, end);
        text.remove_prefix(end + 1);
    }
    if (text.starts_with("//")) {
        text.remove_prefix(2);
        const std::size_t size = std::min(text.find_first_of("/?"), text.size());
        out.authority = text.substr(0, size);
        text.remove_prefix(size);
    }
    const std::size_t question = text.find('?');
    out.path = text.substr(0, question);
    if (question != std::string_view::npos) out.query = text.substr(question + 1);
    return out;
}

/// Why a text cannot be part of a request, in words; null when it can. A backslash is a slash to
/// some programs and a letter to others.
const char* unfit(std::string_view text) {
    if (text.empty()) return "it is empty";
    if (text.size() > longest_url) return "it is too long";
    const bool odd = std::ranges::any_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte <= 0x20 || byte >= 0x7f || c == '\\';
    });
    return odd ? "there are characters in it that have no place in a URL" : nullptr;
}

/// Puts the host and the port of an authority into `out`; what is wrong with it, or nothing.
std::string take_authority(std::string_view authority, Url& out) {
    if (authority.contains('@')) return "there is a user or a password in it";
    const std::size_t bracket = authority.find(']');
    const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    out.port.reset();
    if (colon != std::string_view::npos && colon + 1 < authority.size()) {
        const auto port = parse_unsigned(authority.substr(colon + 1));
        if (!port || *port == 0 || *port > 0xffff) return "there is no such port";
        out.port = static_cast<std::uint16_t>(*port);
    }
    auto host = parse_host(authority.substr(0, colon));
    if (!host) return host.error().message;
    out.host = std::move(host->text);
    return {};
}

/// Puts an absolute reference into `out`; what is wrong with it, or nothing.
std::string take_absolute(const Parts& parts, Url& out) {
    out.secured = equal_ignoring_case(*parts.scheme, "https");
    if (!out.secured && !equal_ignoring_case(*parts.scheme, "http"))
        return "it is neither http nor https";
    if (!parts.authority) return "there is no host in it";
    return take_authority(*parts.authority, out);
}

std::string target_of(std::string path, const std::optional<std::string_view>& query) {
    if (!path.starts_with('/')) path.insert(0, "/");
    return query ? join({path, "?", *query}) : path;
}

/// RFC 3986, section 5.2.3.
std::string merged(std::string_view base_path, std::string_view path) {
    return join({base_path.substr(0, base_path.rfind('/') + 1), path});
}

}  // namespace

std::string to_string(const Url& url) {
    const bool v6 = url.host.contains(':');
    return join({url.secured ? "https://" : "http://", v6 ? "[" : "", url.host, v6 ? "]" : "",
                 url.port ? ":" + std::to_string(*url.port) : std::string(), url.target});
}

std::string remove_dot_segments(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        if (path.starts_with("../") || path.starts_with("./")) {
            path.remove_prefix(path.find('/') + 1);
        } else if (path.starts_with("/./") || path == "/.") {
            path = path.size() > 2 ? path.substr(2) : std::string_view("/");
        } else if (path.starts_with("/../") || path == "/..") {
            path = path.size() > 3 ? path.substr(3) : std::string_view("/");
            const std::size_t slash = out.rfind('/');
            out.resize(slash == std::string::npos ? 0 : slash);
        } else if (path == "." || path == "..") {
            path = {};
        } else {
            const std::size_t end = std::min(path.find('/', 1), path.size());
            out += path.substr(0, end);
            path.remove_prefix(end);
        }
    }
    return out;
}

Result<Url> parse_url(std::string_view text) {
    const auto wrong = [&](std::string_view what) {
        // What may be a password is not repeated.
        return std::unexpected(
            Error(Class::protocol, "http.url",
                  text.contains('@') ? std::string(what) : join({what, ": ", shown(text)}),
                  "https://server/path/image.iso"));
    };
    if (const char* why = unfit(text)) return wrong(why);
    const Parts parts = parts_of(text);
    if (!parts.scheme) return wrong("it is neither http nor https");
    Url out;
    if (const auto why = take_absolute(parts, out); !why.empty()) return wrong(why);
    out.target = target_of(remove_dot_segments(parts.path), parts.query);
    return out;
}

Result<Url> resolve_location(const Url& base, std::string_view location) {
    const auto wrong = [&](std::string_view what) {
        return std::unexpected(Error(Class::protocol, "http.location",
                                     join({"the web server ", base.host,
                                           " sends on to an address that cannot be used: ", what}),
                                     "its Location is wrong; give the image's own address"));
    };
    if (const char* why = unfit(location)) return wrong(why);
    const Parts parts = parts_of(location);
    Url out = base;
    if (parts.scheme) {
        if (const auto why = take_absolute(parts, out); !why.empty()) return wrong(why);
    } else if (parts.authority) {
        if (const auto why = take_authority(*parts.authority, out); !why.empty()) return wrong(why);
    }
    if (parts.scheme || parts.authority || parts.path.starts_with('/')) {
        out.target = target_of(remove_dot_segments(parts.path), parts.query);
        return out;
    }
    const Parts from = parts_of(base.target);
    if (parts.path.empty())
        out.target = target_of(std::string(from.path), parts.query ? parts.query : from.query);
    else
        out.target = target_of(remove_dot_segments(merged(from.path, parts.path)), parts.query);
    return out;
}

}  // namespace oob::codec::http
