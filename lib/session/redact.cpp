#include "session/redact.h"

#include "core/text.h"

#include <algorithm>
#include <array>

namespace oob::session {

namespace {

constexpr std::string_view blot = "[redacted]";

/// Elements of AMT's classes that carry a secret, or a hash that is as good as one.
constexpr std::array<std::string_view, 14> secret_elements{
    "DigestPassword", "NetworkAdminPassword", "Password",    "RFBPassword", "MPSPassword",
    "Secret",         "PSKPassPhrase",        "PSKValue",    "OptInCode",   "ProvisioningServerOTP",
    "KeyBlob",        "PACPassword",          "RSEPassword", "PrivateKey"};

/// Blots out the text between `open` and `close` wherever it stands.
void blot_between(std::string& text, std::string_view open, std::string_view close) {
    std::size_t at = 0;
    while ((at = text.find(open, at)) != std::string::npos) {
        at += open.size();
        const auto end = text.find(close, at);
        const auto count = end == std::string::npos ? text.size() - at : end - at;
        text.replace(at, count, blot);
        at += blot.size();
    }
}

bool name_character(char c) {
    return c == '_' || c == '-' || c == '.' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z');
}

/// Blots out the text of <x:Name …>text</…> for each secret name, whatever the prefix.
void blot_elements(std::string& text) {
    for (const auto name : secret_elements) {
        std::size_t at = 0;
        while ((at = text.find(name, at)) != std::string::npos) {
            const std::size_t after = at + name.size();
            const bool whole = at > 0 && (text[at - 1] == '<' || text[at - 1] == ':') &&
                               (after >= text.size() || !name_character(text[after]));
            at = after;
            if (!whole) continue;
            const auto open_end = text.find('>', at);
            if (open_end == std::string::npos) break;
            if (text[open_end - 1] == '/') continue;
            const auto close = std::min(text.find('<', open_end), text.size());
            if (close > open_end + 1) text.replace(open_end + 1, close - open_end - 1, blot);
            at = open_end + 1;
        }
    }
}

std::string redacted(std::string text) {
    blot_between(text, "response=\"", "\"");
    blot_between(text, "cnonce=\"", "\"");
    blot_elements(text);
    return text;
}

}  // namespace

std::string redact(std::string_view wire) { return redacted(std::string(wire)); }

std::string describe(const codec::http::Response& response) {
    std::string text =
        join({"HTTP/1.1 ", std::to_string(response.status), " ", response.reason, "\r\n"});
    for (const auto& [name, value] : response.fields) text += join({name, ": ", value, "\r\n"});
    return redacted(text + "\r\n" + response.body);
}

}  // namespace oob::session
