#include "net/via_spec.h"

#include "core/text.h"

namespace oob::net {

std::optional<SshPlace> SshPlace::parse(std::string_view text) {
    SshPlace out;
    if (const auto at = text.rfind('@'); at != std::string_view::npos) {
        out.user = text.substr(0, at);
        text.remove_prefix(at + 1);
        if (out.user->empty()) return std::nullopt;
    }
    const bool bracketed = text.starts_with('[');
    const auto end = bracketed ? text.find(']') : text.find(':');
    if (bracketed && end == std::string_view::npos) return std::nullopt;
    out.host = text.substr(bracketed ? 1 : 0, bracketed ? end - 1 : end);
    // A name that begins with a dash would be an option to many a program.
    if (out.host.empty() || out.host.starts_with('-') ||
        out.host.find_first_of(bracketed ? "[]/ " : "[]/: ") != std::string::npos)
        return std::nullopt;
    if (end == std::string_view::npos) return out;
    std::string_view rest = text.substr(bracketed ? end + 1 : end);
    if (rest.empty()) return out;
    const auto port = rest.starts_with(':') ? parse_unsigned(rest.substr(1)) : std::nullopt;
    if (!port || *port == 0 || *port > 65535) return std::nullopt;
    out.port = static_cast<std::uint16_t>(*port);
    return out;
}

std::string SshPlace::text() const {
    std::string out = user ? *user + "@" : std::string();
    out += host.contains(':') ? join({"[", host, "]"}) : host;
    if (port) out += join({":", std::to_string(*port)});
    return out;
}

}  // namespace oob::net
