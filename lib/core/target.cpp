#include "core/target.h"

#include "core/facts.h"
#include "core/text.h"

#include <algorithm>
#include <array>

namespace oob {

namespace {

struct Scheme {
    std::string_view name;
    std::uint16_t port;    ///< the usual one; 0: it has none
    bool internet = true;  ///< what stands behind it is a host
};

constexpr std::array<Scheme, 8> schemes{{{amt_scheme, 16993},
                                         {amt_plain_scheme, 16992},
                                         {"mei", 0, false},
                                         {"ipmi", 623},
                                         {"redfish", 443},
                                         {"ssh", 22},
                                         {"wol", 0, false},
                                         {"cira", 0, false}}};

const Scheme* scheme_named(std::string_view name) {
    const auto* const found = std::ranges::find(schemes, name, &Scheme::name);
    return found == schemes.end() ? nullptr : found;
}

Error usage(std::string code, std::string message, std::string hint) {
    return Error(Class::usage, std::move(code), std::move(message), std::move(hint));
}

/// Somebody who writes a URL of another protocol means the machine behind it. What stands behind
/// the scheme is not repeated: it may hold a password.
Error unknown_scheme(const std::string& scheme) {
    struct Row {
        std::string_view scheme;
        std::string_view hint;
    };
    constexpr std::array<Row, 8> others{{
        {"http",
         "write amt+tcp://HOST for AMT over plain HTTP (16992), amt://HOST for TLS (16993)"},
        {"https", "write amt://HOST for AMT over TLS (16993), redfish://HOST for a BMC"},
        {"amts", "amt://HOST is TLS already"},
        {"amt+tls", "amt://HOST is TLS already"},
        {"wsman", "write amt://HOST for TLS, amt+tcp://HOST for plain HTTP"},
        {"wsmans", "write amt://HOST, which is TLS"},
        {"lanplus", "write ipmi://HOST"},
        {"ipmitool", "write ipmi://HOST"},
    }};
    Error out = usage("usage.scheme", join({"unknown kind of target: ", shown(scheme), "://"}),
                      "known are amt, amt+tcp, mei, ipmi, redfish, ssh, wol and cira");
    std::vector<std::string_view> known;
    for (const Scheme& each : schemes) known.push_back(each.name);
    if (const auto near = nearest(scheme, known); !near.empty())
        out.hint = join({"did you mean ", near, "://?"});
    const auto* const other = std::ranges::find(others, scheme, &Row::scheme);
    if (other != others.end()) out.hint = other->hint;
    return out;
}

/// Reads what stands behind the user.
Result<void> parse_place(std::string_view text, Target& target) {
    if (parse_device_id(text))
        return std::unexpected(usage("usage.target", shown(text) + " is a device id, not a target",
                                     "only --exclude takes one; a target is written amt://HOST"));
    auto place = parse_host_and_port(text);
    if (!place) {
        place.error().code = "usage.target";
        return std::unexpected(std::move(place).error());
    }
    target.host = std::move(place->host.text);
    target.port = place->port;
    return {};
}

Result<void> parse_query(std::string_view query, Target& target) {
    for (const auto pair : split(query, '&')) {
        const auto equals = pair.find('=');
        const auto key = pair.substr(0, equals);
        const auto value =
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        if (key == "uuid" && uuid_to_smbios(value) && is_identity(value)) {
            target.uuid = lower(value);
        } else if (key == "pin") {
            auto pin = parse_pin(value);
            if (!pin) return std::unexpected(pin.error());
            target.pin = *pin;
        } else if (key == "via" && !value.empty()) {
            target.via = value;
        } else {
            return std::unexpected(usage(
                "usage.target", join({"cannot use '", shown(pair), "' in ", shown(target.text)}),
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
    std::string_view rest = text;
    if (const auto scheme = text.find("://"); scheme < text.find_first_of("@?[")) {
        target.scheme = lower(text.substr(0, scheme));
        rest = text.substr(scheme + 3);
        if (!scheme_named(target.scheme)) return std::unexpected(unknown_scheme(target.scheme));
    }
    target.text = join({target.scheme, "://", rest});
    const bool internet = scheme_named(target.scheme)->internet;
    const auto question = rest.find('?');
    const auto query =
        question == std::string_view::npos ? std::string_view() : rest.substr(question + 1);
    rest = rest.substr(0, question);
    if (rest.ends_with('/') && target.scheme != "mei") rest.remove_suffix(1);
    if (const auto at = rest.rfind('@'); at != std::string_view::npos && internet) {
        const auto user = rest.substr(0, at);
        if (user.find(':') != std::string_view::npos) {
            // What stands there may be a real password: it must not be repeated in a message.
            return std::unexpected(usage("usage.password", "a password must not stand in a target",
                                         "use --credential, or credential in the inventory"));
        }
        if (user.empty())
            return std::unexpected(
                usage("usage.target", "no user before @ in " + shown(text), "USER@HOST"));
        target.user = user;
        rest = rest.substr(at + 1);
    }
    if (!internet) {
        target.host = rest;
    } else if (auto parsed = parse_place(rest, target); !parsed) {
        return std::unexpected(parsed.error());
    }
    target.name = target.host;
    if (!query.empty())
        if (auto parsed = parse_query(query, target); !parsed)
            return std::unexpected(parsed.error());
    return target;
}

std::optional<std::uint16_t> usual_port(std::string_view scheme) {
    const Scheme* found = scheme_named(scheme);
    if (!found || found->port == 0) return std::nullopt;
    return found->port;
}

std::string key_of(const Target& target) {
    const Scheme* scheme = scheme_named(target.scheme);
    const bool internet = scheme && scheme->internet;
    const std::uint16_t port = target.port.value_or(usual_port(target.scheme).value_or(0));
    std::string out = join({target.scheme, "\n", internet ? host_key(target.host) : target.host,
                            "\n", std::to_string(port)});
    for (const auto* part : {&target.user, &target.uuid, &target.pin, &target.via})
        out += "\n" + part->value_or("");
    return out;
}

std::optional<std::string> parse_device_id(std::string_view text) {
    constexpr std::size_t mac_size = 17;
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string plane = lower(text.substr(0, colon));
    const std::string id = lower(text.substr(colon + 1));
    if (!scheme_named(plane)) return std::nullopt;
    const bool uuid = uuid_to_smbios(id) && is_identity(id);
    bool mac = id.size() == mac_size;
    for (std::size_t i = 0; mac && i < id.size(); i += 3)
        mac = parse_unsigned(id.substr(i, 2), 16).has_value() &&
              (i + 2 == id.size() || id[i + 2] == ':');
    if (!uuid && !mac) return std::nullopt;
    return join({plane, ":", id});
}

std::string_view words_of_line(std::string_view line) {
    line = trim(line);
    if (line.starts_with('{')) return line;
    for (auto at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1))
        if (at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t') return trim(line.substr(0, at));
    return line;
}

}  // namespace oob
