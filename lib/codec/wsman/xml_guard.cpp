#include "codec/wsman/xml_guard.h"

#include "core/text.h"
#include "core/unicode.h"

#include <algorithm>
#include <array>

namespace oob::codec::wsman::xml {

namespace {

constexpr std::array<std::string_view, 5> entities{"amp", "lt", "gt", "quot", "apos"};
/// The longest name or number between & and ; that is looked at.
constexpr std::size_t reference_limit = 64;
constexpr std::uint64_t last_code = 0x10ffff;

constexpr const char* trace_hint = "nothing of the answer is used; --trace shows it";

/// The code point as specifications write it: U+001B.
std::string code_point(std::uint64_t code) {
    constexpr unsigned shortest = 4;
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (; code > 0 || out.size() < shortest; code >>= 4) out.insert(0, 1, digits[code & 0xf]);
    return "U+" + out;
}

Error forbidden(std::uint64_t code, std::size_t offset) {
    return Error(Class::protocol, "xml.character",
                 join({"the document holds ", code_point(code), " at byte ", std::to_string(offset),
                       ", which XML forbids"}),
                 trace_hint)
        .with("offset", offset)
        .with("character", code_point(code));
}

/// Every character of the document is one of UTF-8 and of XML, wherever it stands.
Result<void> check_characters(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto byte = static_cast<unsigned char>(text[at]);
        if (byte >= 0x20 && byte < 0x80) {
            ++at;
            continue;
        }
        const Character next = first_character(text.substr(at));
        if (!next.valid)
            return std::unexpected(
                Error(Class::protocol, "xml.encoding",
                      join({"the document is no UTF-8 at byte ", std::to_string(at)}), trace_hint)
                    .with("offset", at));
        if (!is_character(next.code)) return std::unexpected(forbidden(next.code, at));
        at += next.bytes;
    }
    return {};
}

bool is_name_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-' || c == '.' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}

class Guard {
 public:
    Guard(std::string_view text, const Limits& limits) : text_(text), limits_(limits) {}

    Result<void> run() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '&') {
                if (auto good = reference(); !good) return good;
            } else if (c == '<') {
                if (auto good = markup(); !good) return good;
            } else {
                ++at_;
            }
        }
        return {};
    }

 private:
    std::string_view rest() const { return text_.substr(at_); }

    Result<void> markup() {
        if (rest().starts_with("<!--")) return skip(4, "-->", "a comment");
        if (rest().starts_with("<![CDATA[")) return skip(9, "]]>", "a CDATA section");
        if (rest().starts_with("<?")) return skip(2, "?>", "a processing instruction");
        if (rest().starts_with("<!"))
            return std::unexpected(Error(Class::protocol, "xml.doctype",
                                         "the document declares a document type or entities"));
        if (rest().starts_with("</")) {
            if (depth_ > 0) --depth_;
            return skip(2, ">", "an end tag");
        }
        return start_tag();
    }

    Result<void> skip(std::size_t opening, std::string_view closing, std::string_view what) {
        const std::size_t end = text_.find(closing, at_ + opening);
        if (end == std::string_view::npos)
            return std::unexpected(malformed(join({what, " does not end"}), at_));
        at_ = end + closing.size();
        return {};
    }

    Result<void> start_tag() {
        const std::size_t begin = at_;
        if (depth_ == 0 && elements_ > 0)
            return std::unexpected(malformed("there is more than one root element", begin));
        if (++elements_ > limits_.elements) return too_large("too many elements");
        std::size_t attributes = 0;
        for (++at_; at_ < text_.size() && text_[at_] != '>';) {
            const char c = text_[at_];
            if (c != '"' && c != '\'') {
                ++at_;
                continue;
            }
            if (++attributes > limits_.attributes) return too_large("too many attributes");
            if (auto good = attribute_value(c); !good) return good;
        }
        if (at_ == text_.size())
            return std::unexpected(malformed("a start tag does not end", begin));
        if (depth_ + 1 > limits_.depth)
            return std::unexpected(
                Error(Class::protocol, "xml.too_deep", "the document is nested too deeply")
                    .with("offset", begin));
        if (text_[at_ - 1] != '/') ++depth_;
        ++at_;
        return {};
    }

    Result<void> attribute_value(char quote) {
        const std::size_t begin = at_++;
        while (at_ < text_.size() && text_[at_] != quote) {
            if (text_[at_] == '<')
                return std::unexpected(malformed("an attribute's value holds a <", at_));
            if (text_[at_] != '&') {
                ++at_;
                continue;
            }
            if (auto good = reference(); !good) return good;
        }
        if (at_ == text_.size())
            return std::unexpected(malformed("an attribute's value does not end", begin));
        ++at_;
        return {};
    }

    /// At an ampersand. One that begins no reference is taken as it is: firmware has been seen to
    /// forget escapes.
    Result<void> reference() {
        const std::size_t begin = at_++;
        if (rest().starts_with('#')) return numeric_reference(begin);
        const std::string_view after = rest().substr(0, reference_limit);
        const std::size_t end = after.find(';');
        if (end == std::string_view::npos || end == 0) return {};
        const std::string_view name = after.substr(0, end);
        const bool is_name = std::ranges::all_of(name, is_name_character);
        if (is_name && std::ranges::find(entities, name) == entities.end())
            return std::unexpected(malformed("an entity was never declared", begin));
        return {};
    }

    /// At "#". The parser would take any number, with as many digits as there are.
    Result<void> numeric_reference(std::size_t begin) {
        std::string_view number = rest().substr(1);
        const bool hexadecimal = number.starts_with('x') || number.starts_with('X');
        if (hexadecimal) number.remove_prefix(1);
        const std::size_t digits = std::min(
            number.find_first_not_of(hexadecimal ? "0123456789abcdefABCDEF" : "0123456789"),
            number.size());
        const bool ends = number.substr(digits).starts_with(';');
        if (!ends && rest().substr(0, reference_limit).find(';') == std::string_view::npos)
            return {};
        const auto code = parse_unsigned(number.substr(0, digits), hexadecimal ? 16 : 10);
        if (!ends || !code || *code > last_code)
            return std::unexpected(malformed("a character reference names no character", begin));
        if (!is_character(*code)) return std::unexpected(forbidden(*code, begin));
        return {};
    }

    static Result<void> too_large(std::string_view what) {
        return std::unexpected(
            Error(Class::protocol, "xml.too_large", join({"the document has ", what})));
    }

    std::string_view text_;
    const Limits& limits_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::size_t elements_ = 0;
};

}  // namespace

bool is_character(std::uint64_t code) {
    if (code < 0x20) return code == '\t' || code == '\n' || code == '\r';
    return code < 0xd800 || (code > 0xdfff && code < 0xfffe) ||
           (code > 0xffff && code <= last_code);
}

Error malformed(std::string_view what, std::size_t offset) {
    return Error(Class::protocol, "xml.malformed",
                 join({"the document is not well-formed XML at byte ", std::to_string(offset), ": ",
                       what}))
        .with("offset", offset);
}

Result<void> guard(std::string_view text, const Limits& limits) {
    if (text.size() > limits.bytes)
        return std::unexpected(
            Error(Class::protocol, "xml.too_large", "the document is longer than can be taken")
                .with("bytes", text.size()));
    if (auto good = check_characters(text); !good) return good;
    return Guard(text, limits).run();
}

}  // namespace oob::codec::wsman::xml
