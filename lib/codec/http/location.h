#pragma once

#include "core/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace oob::codec::http {

/// A URL of http or https, as a client needs its parts (RFC 3986, section 3; RFC 9110, section
/// 4.2).
struct Url {
    bool secured = false;
    std::string host;  ///< as parse_host() has it
    std::optional<std::uint16_t> port;
    std::string target = "/";  ///< path and query, never empty; what stood behind `#` is gone

    /// The port that is written, or the usual one.
    std::uint16_t port_or_usual() const { return port.value_or(secured ? 443 : 80); }
    friend bool operator==(const Url&, const Url&) = default;
};

/// Written again: "https://host:8443/a?b".
std::string to_string(const Url& url);

/// Reads an absolute URL. Error: class `protocol`, code `http.url`, in words that do not repeat a
/// user or password inside, which is refused.
Result<Url> parse_url(std::string_view text);

/// Where a Location leads from `base`: absolute, or relative as RFC 3986, section 5.2, has it:
/// "//host/x", "/x", "x", "../x", "?x". Error: class `protocol`, code `http.location`, for what is
/// empty, no URL, of another protocol, or has a user or password inside.
Result<Url> resolve_location(const Url& base, std::string_view location);

/// The path without its "." and ".." (RFC 3986, section 5.2.4).
std::string remove_dot_segments(std::string_view path);

}  // namespace oob::codec::http
