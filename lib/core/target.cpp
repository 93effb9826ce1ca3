#include "core/target.h"

#include "core/text.h"

#include <algorithm>
#include <array>

namespace oob {

namespace {

constexpr std::array<std::string_view, 8> schemes{"amt",     "amt+tcp", "mei", "ipmi",
                                                  "redfish", "ssh",     "wol", "cira"};

Error usage(std::string code, std::string message, std::string hint) {
    return Error(Class::usage, std::move(code), std::move(message), std::move(hint));
}

Result<std::uint16_t> parse_port(std::string_view text) {
    const auto number = parse_unsigned(text);
    if (!number || *number == 0 || *number > 65535)
        return std::unexpected(usage("usage.target", join({"not a port: ", text}),
                                     "a port is a number from 1 to 65535"));
    return static_cast<std::uint16_t>(*number);
}

/// Takes "host", "host:port", "[v6]" or "[v6]:port" apart.
Result<void> parse_host(std::string_view text, Target& target) {
    std::string_view port;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos)
            return std::unexpected(usage("usage.target", join({"unclosed bracket in ", text}),
                                         "IPv6 is written [2001:db8::1]:16993"));
        target.host = text.substr(1, end - 1);
        const auto rest = text.substr(end + 1);
        if (!rest.empty() && !rest.starts_with(':'))
            return std::unexpected(usage("usage.target", join({"cannot read ", text}),
                                         "IPv6 is written [2001:db8::1]:16993"));
        if (!rest.empty()) port = rest.substr(1);
    } else if (std::ranges::count(text, ':') > 1) {
        target.host = text;  // bare IPv6, never with a port
    } else {
        const auto colon = text.find(':');
        target.host = text.substr(0, colon);
        if (colon != std::string_view::npos) port = text.substr(colon + 1);
    }
    if (!port.empty()) {
        auto number = parse_port(port);
        if (!number) return std::unexpected(number.error());
        target.port = *number;
    }
    const bool plain = std::ranges::none_of(
        target.host, [](unsigned char c) { return c <= ' ' || c == 0x7f || c == '/' || c == '@'; });
    if (target.host.empty() || !plain)
        return std::unexpected(usage("usage.target", join({"no host in ", target.text}),
                                     "a target looks like pc1, 10.0.0.7 or amt://pc1:16993"));
    return {};
}

Result<void> parse_query(std::string_view query, Target& target) {
    for (const auto pair : split(query, '&')) {
        const auto equals = pair.find('=');
        const auto key = pair.substr(0, equals);
        const auto value =
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        if (key == "uuid" && uuid_to_smbios(value)) {
            target.uuid = lower(value);
        } else if (key == "pin") {
            auto pin = parse_pin(value);
            if (!pin) return std::unexpected(pin.error());
            target.pin = *pin;
        } else if (key == "via" && !value.empty()) {
            target.via = value;
        } else {
            return std::unexpected(usage("usage.target",
                                         join({"cannot use '", pair, "' in ", target.text}),
                                         "known are uuid=UUID, pin=sha256:HEX and via=SPEC"));
        }
    }
    return {};
}

}  // namespace

Result<std::string> parse_pin(std::string_view text) {
    std::string digits = lower(text);
    if (digits.starts_with("sha256:")) digits.erase(0, 7);
    std::erase(digits, ':');
    const auto bytes = parse_hex(digits);
    if (!bytes || bytes->size() != 32)
        return std::unexpected(
            usage("usage.pin", "a pin is sha256: and 64 hexadecimal digits",
                  "oob-discover trust TARGET, or the hint of a tls.unknown error, shows it"));
    return "sha256:" + digits;
}

Result<Target> parse_target(std::string_view text) {
    Target target;
    target.text = text;
    std::string_view rest = text;
    if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
        target.scheme = text.substr(0, scheme);
        rest = text.substr(scheme + 3);
        if (std::ranges::find(schemes, target.scheme) == schemes.end())
            return std::unexpected(
                usage("usage.scheme", join({"unknown kind of target: ", target.scheme, "://"}),
                      "known are amt, amt+tcp, mei, ipmi, redfish, ssh, wol and cira"));
    } else {
        target.text = join({amt_scheme, "://", text});
    }
    const auto question = rest.find('?');
    const auto query =
        question == std::string_view::npos ? std::string_view() : rest.substr(question + 1);
    rest = rest.substr(0, question);
    if (rest.ends_with('/') && target.scheme != "mei") rest.remove_suffix(1);
    if (const auto at = rest.rfind('@');
        at != std::string_view::npos && target.scheme != "wol" && target.scheme != "cira") {
        const auto user = rest.substr(0, at);
        if (user.find(':') != std::string_view::npos) {
            // What stands there may be a real password: it must not be repeated in a message.
            return std::unexpected(usage("usage.password", "a password must not stand in a target",
                                         "use --credential, or credential in the inventory"));
        }
        if (user.empty())
            return std::unexpected(
                usage("usage.target", join({"no user before @ in ", text}), "USER@HOST"));
        target.user = user;
        rest = rest.substr(at + 1);
    }
    if (target.scheme == "mei" || target.scheme == "wol" || target.scheme == "cira") {
        target.host = rest;
    } else if (auto parsed = parse_host(rest, target); !parsed) {
        return std::unexpected(parsed.error());
    }
    target.name = target.host;
    if (!query.empty())
        if (auto parsed = parse_query(query, target); !parsed)
            return std::unexpected(parsed.error());
    return target;
}

}  // namespace oob
