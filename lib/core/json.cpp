#include "core/json.h"

#include "core/unicode.h"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <vector>

namespace oob {

namespace {

using Json = nlohmann::ordered_json;

constexpr int deepest = 64;
/// Of one object. They keep their order, so each new one is looked for among those before it.
constexpr std::size_t most_members = 10'000;
constexpr std::size_t usual_record = 1024;  // bytes

/// Nothing in it needs an escape, and every byte is ASCII. Looks at all of them without a branch.
bool is_plain(std::string_view text) {
    unsigned odd = 0;
    for (const char c : text)
        odd |= static_cast<unsigned>(c == '"') | static_cast<unsigned>(c == '\\');
    return odd == 0 && is_plain_ascii(text);
}

template <class Integer>
void append_number(std::string& out, Integer number) {
    std::array<char, 24> digits;
    out.append(digits.data(), std::to_chars(digits.begin(), digits.end(), number).ptr);
}

/// \uXXXX, two of them for what stands above U+FFFF (RFC 8259, section 7).
void append_escape(std::string& out, char32_t code) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr char32_t first_beyond = 0x10000;
    if (code >= first_beyond) {
        append_escape(out, 0xd800 + ((code - first_beyond) >> 10));
        return append_escape(out, 0xdc00 + ((code - first_beyond) & 0x3ff));
    }
    out += "\\u";
    for (unsigned shift = 16; shift > 0; shift -= 4) out += digits[code >> (shift - 4) & 0xf];
}

/// The letter behind the backslash; 0 for a character without one.
char short_escape(char32_t code) {
    constexpr std::string_view codes = "\"\\\b\f\n\r\t";
    constexpr std::string_view letters = "\"\\bfnrt";
    const std::size_t at =
        code < 0x80 ? codes.find(static_cast<char>(code)) : std::string_view::npos;
    return at == std::string_view::npos ? '\0' : letters[at];
}

/// The only writer of JSON texts. What a terminal would obey is escaped, so that records may be
/// looked at as they are, and comes back exactly; what is no UTF-8 becomes U+FFFD.
void append(std::string& out, std::string_view text) {
    out += '"';
    if (is_plain(text)) {
        out += text;
        text = {};
    }
    while (!text.empty()) {
        const Character next = first_character(text);
        if (const char letter = short_escape(next.code)) {
            out += '\\';
            out += letter;
        } else if (is_printable(next.code)) {
            append_utf8(out, next.code);
        } else {
            append_escape(out, next.code);
        }
        text.remove_prefix(next.bytes);
    }
    out += '"';
}

/// JSON has no word for infinities and for what is no number.
void append(std::string& out, double number) { out += Json(number).dump(); }

/// Records are written by the hundred thousand, so no second tree is made of them; the library
/// writes what takes some thought: doubles.
void append(std::string& out, const Value& value) {
    value.visit([&out](const auto& held) {
        using Held = std::remove_cvref_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::monostate>) {
            out += "null";
        } else if constexpr (std::is_same_v<Held, bool>) {
            out += held ? "true" : "false";
        } else if constexpr (std::is_integral_v<Held>) {
            append_number(out, held);
        } else if constexpr (std::is_same_v<Held, std::string>) {
            append(out, std::string_view(held));
        } else if constexpr (std::is_same_v<Held, Value::Array>) {
            out += '[';
            for (const Value& item : held) {
                if (&item != &held.front()) out += ',';
                append(out, item);
            }
            out += ']';
        } else if constexpr (std::is_same_v<Held, Value::Object>) {
            out += '{';
            for (const auto& member : held) {
                if (&member != &held.front()) out += ',';
                append(out, std::string_view(member.first));
                out += ':';
                append(out, member.second);
            }
            out += '}';
        } else {
            append(out, held);
        }
    });
}

Value from_nlohmann(const Json& json) {
    switch (json.type()) {
        case Json::value_t::boolean:
            return json.get<bool>();
        case Json::value_t::number_integer:
            return json.get<std::int64_t>();
        case Json::value_t::number_unsigned:
            return json.get<std::uint64_t>();
        case Json::value_t::number_float:
            return json.get<double>();
        case Json::value_t::string:
            return json.get<std::string>();
        case Json::value_t::array: {
            Value out = Value::array();
            for (const auto& item : json) out.push(from_nlohmann(item));
            return out;
        }
        case Json::value_t::object: {
            Value::Object out;
            for (const auto& [key, member] : json.items())
                out.emplace_back(key, from_nlohmann(member));
            return out;
        }
        default:
            return nullptr;
    }
}

}  // namespace

void append_json(std::string& out, const Value& value) { append(out, value); }
void append_json(std::string& out, std::string_view text) { append(out, text); }
void append_json(std::string& out, std::int64_t number) { append_number(out, number); }

std::string to_json(const Value& value) {
    std::string out;
    out.reserve(usual_record);
    append(out, value);
    return out;
}

Result<Value> parse_json(std::string_view text) {
    const char* too_much = nullptr;
    std::vector<std::size_t> members;  // of the objects that are open
    const auto guard = [&](int depth, Json::parse_event_t event, Json&) {
        if (event == Json::parse_event_t::object_start) members.push_back(0);
        if (event == Json::parse_event_t::object_end && !members.empty()) members.pop_back();
        if (event == Json::parse_event_t::key && !members.empty() &&
            ++members.back() > most_members)
            too_much = "a JSON object has too many members";
        if (depth > deepest) too_much = "JSON nested too deeply";
        // What is left out costs nothing; that it was too much is told at the end.
        return too_much == nullptr;
    };
    const Json json = Json::parse(text.begin(), text.end(), guard, /*allow_exceptions=*/false);
    if (too_much || json.is_discarded())
        return std::unexpected(Error(Class::usage, "usage.json",
                                     too_much ? too_much : "this is not JSON",
                                     "one record a line, as the oob tools write them"));
    return from_nlohmann(json);
}

}  // namespace oob
