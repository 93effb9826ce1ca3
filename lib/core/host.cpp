#include "core/host.h"

#include "core/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace oob {

namespace {

constexpr std::size_t longest_name = 253;  // RFC 1035, section 2.3.4, as text
constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_zone = 15;  // of an interface's name in Linux
constexpr std::size_t longest_shown = 80;
constexpr std::string_view digits = "0123456789";
constexpr std::string_view hex_digits = "0123456789abcdefABCDEF";

std::unexpected<Error> no_host(std::string message, std::string hint) {
    return std::unexpected(Error(Class::usage, "usage.host", std::move(message), std::move(hint)));
}

bool only(std::string_view text, std::string_view letters) {
    return text.find_first_not_of(letters) == std::string_view::npos;
}

bool is_hexadecimal(std::string_view label) {
    return (label.starts_with("0x") || label.starts_with("0X")) &&
           only(label.substr(2), hex_digits);
}

/// A number as the C library's inet_aton() reads one.
bool is_number(std::string_view label) {
    return !label.empty() && (only(label, digits) || is_hexadecimal(label));
}

std::string_view without_final_dot(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    return name;
}

/// Why a text that looks like an address is none.
std::unexpected<Error> no_address(std::string_view text) {
    const std::string message = join({shown(text), " is no address"});
    const auto labels = split(without_final_dot(text), '.');
    if (std::ranges::any_of(labels, is_hexadecimal))
        return no_host(message + ": hexadecimal numbers are not taken",
                       "write four decimal numbers: 10.0.0.7");
    if (text.contains('-'))
        return no_host(message + ": a range is written in full, without user or port",
                       "write 10.0.0.5-10.0.0.50, or amt://10.0.0.[5-50]:16993");
    if (text.ends_with('.'))
        return no_host(message + ": it ends with a dot", "write four decimal numbers: 10.0.0.7");
    if (labels.size() == 1)
        return no_host(message + ", and a number is no name",
                       "write four decimal numbers: 10.0.0.7");
    if (labels.size() != 4)
        return no_host(
            message + ": it has " + std::to_string(labels.size()) + " parts instead of four",
            "write the address in full: 10.0.0.7");
    for (const auto label : labels) {
        if (!only(label, digits) || label.empty()) continue;
        if (label.size() > 1 && label.starts_with('0'))
            return no_host(message + ": a leading zero may mean an octal number",
                           "write decimal numbers without leading zeros: 10.0.0.7");
        if (const auto number = parse_unsigned(label); !number || *number > 255)
            return no_host(message + ": its numbers end at 255", "did you mean another number?");
    }
    return no_host(message, "write four decimal numbers: 10.0.0.7");
}

/// A form of other tools, or a slip, that is not taken here, and what to write instead.
struct Form {
    std::string_view letters;
    std::string_view message;
    std::string_view hint;
};

constexpr std::array<Form, 8> forms{{
    {",", "a list with commas is not taken", "name the devices one by one, or write pc[01,05]"},
    {"*?", "patterns are not taken", "write a range: pc[01-40], 10.0.0.0/24 or 10.0.0.[1-9]"},
    {"/", "a slash stands in no host name",
     "an IPv4 network is written 10.0.0.0/24, without user or port"},
    {"%", "only IPv6 addresses have a zone", "an interface is named as in fe80::1%eth0"},
    {"#", "a comment needs a blank in front", "write: pc07 # the old one"},
    {"[]", "a bracket stands alone", "IPv6 is written [2001:db8::1]:16993, a range pc[01-40]"},
    {" \t", "a blank stands in no host name", "one target a word, or a line"},
    {"@", "a user stands in no host name", "write USER@HOST, once"},
}};

std::unexpected<Error> forbidden_letter(std::string_view text, char letter) {
    for (const Form& form : forms)
        if (form.letters.contains(letter))
            return no_host(join({form.message, ": ", shown(text)}), std::string(form.hint));
    if (static_cast<unsigned char>(letter) >= 0x80)
        return no_host("letters outside ASCII stand in no host name: " + shown(text),
                       "write the name as DNS has it, beginning with xn--");
    return no_host("no host name has such a letter: " + shown(text),
                   "names have letters, digits, '-', '_' and dots");
}

bool stands_in_names(unsigned char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= '0' && letter <= '9') || letter == '-' || letter == '_' || letter == '.';
}

Result<Host> parse_name(std::string_view text) {
    const auto name = without_final_dot(text);
    if (name.size() > longest_name)
        return no_host("a host name is longer than 253 letters: " + shown(text), "is it one name?");
    for (const auto label : split(name, '.')) {
        if (label.empty())
            return no_host("nothing stands between two dots in " + shown(text),
                           "a name looks like pc07.lab.example");
        if (label.starts_with('-'))
            return no_host("no part of a host name begins with '-': " + shown(text),
                           "options come with the letters that --help shows");
        if (label.size() > longest_label)
            return no_host("a part of the host name is longer than 63 letters: " + shown(text),
                           "is it one name?");
    }
    return Host{Host::Kind::name, std::string(text), lower(name)};
}

/// The interface behind the percent sign, which a URL writes as %25; empty when it is none.
std::string_view zone_of(std::string_view behind) {
    if (behind.size() > 2 && behind.starts_with("25")) {
        behind.remove_prefix(2);
        // %253 may be interface 253, or 3 in a URL; %2525x would be read twice.
        if (only(behind, digits) || behind.starts_with("25")) return {};
    }
    const bool good = behind.size() <= longest_zone && std::ranges::all_of(behind, stands_in_names);
    return good ? behind : std::string_view();
}

std::string key_of(const in6_addr& address, std::string_view zone) {
    if (IN6_IS_ADDR_V4MAPPED(&address)) {
        std::uint32_t ipv4 = 0;
        std::memcpy(&ipv4, &address.s6_addr[12], sizeof ipv4);
        return format_ipv4(ntohl(ipv4));
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET6, &address, text.data(), text.size());
    return zone.empty() ? std::string(text.data()) : join({text.data(), "%", zone});
}

Result<Host> parse_ipv6(std::string_view text) {
    const auto percent = text.find('%');
    const std::string address(text.substr(0, percent));
    if (address.find('/') != std::string::npos)
        return no_host("networks of IPv6 addresses are not spelt out: " + shown(text),
                       "name the addresses one by one");
    if (address.find_first_of("-,*") != std::string::npos)
        return no_host("lists and ranges of IPv6 addresses are not spelt out: " + shown(text),
                       "name the addresses one by one");
    in6_addr bytes{};
    if (address.size() >= INET6_ADDRSTRLEN || address.contains('\0') ||
        ::inet_pton(AF_INET6, address.c_str(), &bytes) != 1)
        return no_host(shown(text) + " is no IPv6 address",
                       "a port stands behind brackets: [2001:db8::1]:16993");
    if (percent == std::string_view::npos)
        return Host{Host::Kind::ipv6, address, key_of(bytes, {})};
    const auto zone = zone_of(text.substr(percent + 1));
    if (zone.empty())
        return no_host("no interface can be called so: " + shown(text),
                       "an interface is named as in fe80::1%eth0");
    return Host{Host::Kind::ipv6, join({address, "%", zone}), key_of(bytes, zone)};
}

}  // namespace

std::string shown(std::string_view word) {
    std::string out = harmless(std::string(word.substr(0, longest_shown)));
    std::ranges::replace_if(
        out, [](char letter) { return static_cast<unsigned char>(letter) >= 0x80; }, '?');
    return word.size() > longest_shown ? out + "..." : out;
}

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
    const auto parts = split(text, '.');
    if (parts.size() != 4) return std::nullopt;
    std::uint32_t address = 0;
    for (const auto part : parts) {
        const auto number = parse_unsigned(part);
        if (!number || *number > 255 || (part.size() > 1 && part.starts_with('0')))
            return std::nullopt;
        address = address << 8 | static_cast<std::uint32_t>(*number);
    }
    return address;
}

std::string format_ipv4(std::uint32_t address) {
    return join({std::to_string(address >> 24), ".", std::to_string(address >> 16 & 255), ".",
                 std::to_string(address >> 8 & 255), ".", std::to_string(address & 255)});
}

/// No top-level domain is a number, begins with a digit behind numbers alone, or has one letter.
bool looks_like_address(std::string_view text) {
    if (text.contains(':')) return false;
    const auto labels = split(without_final_dot(text), '.');
    const std::string_view last = labels.back();
    if (is_number(last)) return true;
    if (labels.size() == 1 || !std::all_of(labels.begin(), labels.end() - 1, is_number))
        return false;
    return last.size() == 1 || (!last.empty() && digits.contains(last.front()));
}

Result<Host> parse_host(std::string_view text) {
    const bool bracketed = text.size() > 1 && text.starts_with('[') && text.ends_with(']');
    if (bracketed) {
        text = text.substr(1, text.size() - 2);
        if (text.find(':') == std::string_view::npos)
            return no_host("brackets are for IPv6 addresses and ranges: [" + shown(text) + "]",
                           "IPv6 is written [2001:db8::1], a range pc[01-40]");
    }
    if (text.empty()) return no_host("there is no host", "a host looks like pc1 or 10.0.0.7");
    if (text.find(':') != std::string_view::npos) return parse_ipv6(text);
    const auto* const odd = std::ranges::find_if_not(text, stands_in_names);
    if (odd != text.end()) return forbidden_letter(text, *odd);
    if (parse_ipv4(text)) return Host{Host::Kind::ipv4, std::string(text), std::string(text)};
    if (looks_like_address(text)) return no_address(text);
    return parse_name(text);
}

Result<HostAndPort> parse_host_and_port(std::string_view text) {
    const auto bracket = text.starts_with('[') ? text.find(']') : 0;
    if (bracket == std::string_view::npos)
        return no_host("a bracket is not closed: " + shown(text),
                       "IPv6 is written [2001:db8::1]:16993");
    const auto colon = text.find(':', bracket);
    const bool bare_ipv6 = bracket == 0 && std::ranges::count(text, ':') > 1;
    const bool whole = bare_ipv6 || colon == std::string_view::npos;
    auto host = parse_host(whole ? text : text.substr(0, colon));
    if (!host) return std::unexpected(std::move(host).error());
    if (whole) return HostAndPort{*std::move(host), std::nullopt};
    const auto port = parse_unsigned(text.substr(colon + 1));
    if (!port || *port == 0 || *port > 65535)
        return no_host("not a port: " + shown(text.substr(colon + 1)),
                       "a port is a number from 1 to 65535");
    return HostAndPort{*std::move(host), static_cast<std::uint16_t>(*port)};
}

Result<Host> parse_address(std::string_view text) {
    auto host = parse_host(text);
    if (host && host->kind == Host::Kind::name)
        return no_host(shown(text) + " is a name, not an address",
                       "an address looks like 10.0.0.7 or 2001:db8::1");
    return host;
}

std::string host_key(std::string_view text) {
    auto host = parse_host(text);
    return host ? std::move(host->key) : lower(text);
}

}  // namespace oob
