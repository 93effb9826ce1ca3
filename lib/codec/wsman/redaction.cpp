#include "codec/wsman/redaction.h"

#include "codec/wsman/free_text.h"
#include "codec/wsman/secrets.h"
#include "codec/wsman/xml.h"
#include "core/text.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace oob::codec::wsman {

namespace {

constexpr auto nowhere = std::string_view::npos;
constexpr std::string_view blanks = " \t\r\n";

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_blank(char c) { return blanks.find(c) != nowhere; }

std::string_view local_name(std::string_view name) { return name.substr(name.rfind(':') + 1); }

/// Shorter texts of secrets are not looked for in answers.
constexpr std::size_t shortest_told = 6;

/// What an attribute is called whose value may be the name of what the element holds.
constexpr std::string_view naming_attributes[] = {"name", "key", "id", "type", "for", "property"};

/// A start or end tag: where it ends, or nothing when it does not end as it should.
struct Tag {
    struct Attribute {
        std::string_view name;
        std::size_t begin;  ///< of the value, without quotes
        std::size_t size;
        bool declares() const {
            return name == "xmlns" || name.starts_with("xmlns:") || name.starts_with("xsi:");
        }
    };

    std::string_view name;
    std::vector<Attribute> attributes;
    bool empty = false;  ///< closes itself
    std::optional<std::size_t> end;
};

class Redactor {
 public:
    explicit Redactor(std::string_view text) : text_(text) {}

    std::string run() && {
        out_.reserve(text_.size() + blot.size());
        while (at_ < text_.size()) {
            if (begins_markup(at_))
                markup();
            else
                free_text();
        }
        return std::move(out_);
    }

 private:
    bool starts(std::size_t at, std::string_view with) const {
        return text_.substr(at).starts_with(with);
    }

    /// A `<` that begins nothing known to XML is text.
    bool begins_markup(std::size_t at) const {
        if (text_[at] != '<' || at + 1 >= text_.size()) return false;
        const char next = text_[at + 1];
        return is_letter(next) || next == '/' || next == '!' || next == '?' || next == ':';
    }

    void show_to(std::size_t end) {
        out_ += text_.substr(at_, end - at_);
        at_ = end;
    }

    void blot_to(std::size_t end) {
        if (end > at_) out_ += blot;
        at_ = end;
    }

    void blot_all() { blot_to(text_.size()); }

    void free_text() {
        std::size_t end = at_ + 1;
        while (end < text_.size() && !begins_markup(end)) ++end;
        const std::string_view words = text_.substr(at_, end - at_);
        // Behind a secret nothing stands where all is well: its end was part of it.
        if (behind_secret_ && words.find_first_not_of(blanks) != nowhere) return blot_to(end);
        words_of_element(end);
    }

    /// Free text up to `end`; the value of a secret goes on to the end of the element.
    void words_of_element(std::size_t end) {
        const auto secret = secret_in(text_.substr(at_, end - at_));
        if (!secret) return show_to(end);
        show_to(at_ + *secret);
        const auto stop = end_of_content({}, end);
        const std::string_view rest = text_.substr(at_, stop.value_or(text_.size()) - at_);
        if (tells_nothing(rest)) return show_to(end);
        blot_content(stop);
    }

    /// Text that ends by itself: a comment, the value of an attribute.
    void words_in(std::size_t end) {
        show_to(at_ + shown_of(text_.substr(at_, end - at_)));
        blot_to(end);
    }

    void markup() {
        if (starts(at_, "<!--")) return enclosed(4, "-->", &Redactor::words_in);
        if (starts(at_, "<![CDATA[")) return enclosed(9, "]]>", &Redactor::words_of_element);
        if (starts(at_, "<?")) return enclosed(2, "?>", &Redactor::words_in);
        if (starts(at_, "<!")) return declaration();
        if (starts(at_, "</")) return end_tag();
        start_tag();
    }

    void enclosed(std::size_t opening, std::string_view closing,
                  void (Redactor::*show)(std::size_t)) {
        const std::size_t end = text_.find(closing, at_ + opening);
        if (end == nowhere) return blot_all();
        if (behind_secret_) return blot_to(end + closing.size());
        show_to(at_ + opening);
        (this->*show)(end);
        if (at_ == end) show_to(end + closing.size());
    }

    /// A document type; one with declarations of its own can say anything about the text behind it.
    void declaration() {
        const std::size_t end = text_.find_first_of("[<>", at_ + 1);
        if (end == nowhere || text_[end] != '>') return blot_all();
        words_in(end + 1);
    }

    void end_tag() {
        const Tag tag = end_tag_at(at_);
        if (!tag.end) return blot_all();
        behind_secret_ = false;
        if (is_secret(local_name(tag.name))) {  // without a beginning: all in front may be in it
            out_ = blot;
            at_ = *tag.end;
            return;
        }
        show_to(*tag.end);
    }

    void start_tag() {
        const Tag tag = start_tag_at(at_);
        if (!tag.end) {
            show_to(at_ + 1 + tag.name.size());
            return blot_all();
        }
        behind_secret_ = false;
        const bool called_so = is_secret(local_name(tag.name));
        const bool secret =
            called_so || std::ranges::any_of(tag.attributes, [&](const Tag::Attribute& each) {
                return names_secret(each);
            });
        for (const Tag::Attribute& each : tag.attributes) {
            show_to(each.begin);
            const std::size_t end = each.begin + each.size;
            if (each.declares() || (!called_so && names_secret(each)))
                show_to(end);
            else if (secret || is_secret(local_name(each.name)))
                blot_to(end);
            else
                words_in(end);
        }
        show_to(*tag.end);
        behind_secret_ = secret;
        if (secret && !tag.empty) blot_content(end_of_content(tag.name, at_));
    }

    /// Name="Password": what the element is called in truth.
    bool names_secret(const Tag::Attribute& attribute) const {
        const std::string_view name = local_name(attribute.name);
        const std::string_view value = trim(text_.substr(attribute.begin, attribute.size));
        return std::ranges::any_of(naming_attributes,
                                   [&](auto each) { return equal_ignoring_case(each, name); }) &&
               std::ranges::all_of(value,
                                   [](char c) { return is_word_character(c) || c == ':'; }) &&
               is_secret(local_name(value));
    }

    /// Blots out what is left of an element, and shows its end tag, which stands at `stop`.
    void blot_content(std::optional<std::size_t> stop) {
        if (!stop) return blot_all();
        blot_to(*stop);
        show_to(*end_tag_at(at_).end);
    }

    /// Where the end tag stands of the element in whose content `at` is: of one called `name`, or,
    /// when that is empty, of whichever it is. Nothing when anything before it is not as it should
    /// be.
    std::optional<std::size_t> end_of_content(std::string_view name, std::size_t at) const {
        std::vector<std::string_view> open;
        while ((at = text_.find('<', at)) != nowhere) {
            std::optional<std::size_t> end;
            if (starts(at, "<!--"))
                end = behind("-->", at + 4);
            else if (starts(at, "<![CDATA["))
                end = behind("]]>", at + 9);
            else if (starts(at, "<?"))
                end = behind("?>", at + 2);
            else if (starts(at, "</")) {
                const Tag tag = end_tag_at(at);
                if (tag.end && open.empty() && (name.empty() || name == tag.name)) return at;
                if (open.empty() || open.back() != tag.name) return std::nullopt;
                open.pop_back();
                end = tag.end;
            } else if (begins_markup(at) && !starts(at, "<!")) {
                const Tag tag = start_tag_at(at);
                if (!tag.empty) open.push_back(tag.name);
                end = tag.end;
            }
            if (!end) return std::nullopt;
            at = *end;
        }
        return std::nullopt;
    }

    std::optional<std::size_t> behind(std::string_view closing, std::size_t from) const {
        const std::size_t found = text_.find(closing, from);
        if (found == nowhere) return std::nullopt;
        return found + closing.size();
    }

    /// "</h:Name >"; one that holds anything else does not end.
    Tag end_tag_at(std::size_t at) const {
        Tag tag;
        const std::size_t begin = at + 2;
        const std::size_t name_end =
            std::min(text_.find_first_of(" \t\r\n<>", begin), text_.size());
        tag.name = text_.substr(begin, name_end - begin);
        const std::size_t close = text_.find_first_not_of(blanks, name_end);
        if (close != nowhere && text_[close] == '>') tag.end = close + 1;
        return tag;
    }

    /// A start tag with its attributes, quoted or as HTML has them; one in which a `<` stands does
    /// not end.
    Tag start_tag_at(std::size_t at) const {
        Tag tag;
        const std::size_t begin = at + 1;
        at = std::min(text_.find_first_of(" \t\r\n/<>\"'=", begin), text_.size());
        tag.name = text_.substr(begin, at - begin);
        while (at < text_.size() && text_[at] != '<') {
            if (text_[at] == '>') {
                tag.empty = text_[at - 1] == '/';
                tag.end = at + 1;
                return tag;
            }
            if (is_blank(text_[at]) || text_[at] == '/') {
                ++at;
                continue;
            }
            const auto next = attribute_at(at, tag);
            if (!next) return tag;
            at = *next;
        }
        return tag;
    }

    /// Adds the attribute that begins here; where it ends, nothing when it does not.
    std::optional<std::size_t> attribute_at(std::size_t at, Tag& tag) const {
        const std::size_t name_end = text_.find_first_of(" \t\r\n/<>\"'=", at);
        if (name_end == nowhere || name_end == at) return std::nullopt;
        const std::string_view name = text_.substr(at, name_end - at);
        const std::size_t equals = text_.find_first_not_of(blanks, name_end);
        if (equals == nowhere) return std::nullopt;
        if (text_[equals] != '=') {
            tag.attributes.push_back({name, name_end, 0});
            return equals;
        }
        const std::size_t value = text_.find_first_not_of(blanks, equals + 1);
        if (value == nowhere) return std::nullopt;
        const char quote = text_[value];
        const bool quoted = quote == '"' || quote == '\'';
        const std::size_t from = quoted ? value + 1 : value;
        const std::size_t end = quoted ? text_.find_first_of(std::string{quote, '<'}, from)
                                       : text_.find_first_of(" \t\r\n<>", from);
        if (end == nowhere || text_[end] == '<') return std::nullopt;
        tag.attributes.push_back({name, from, end - from});
        return quoted ? end + 1 : end;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string out_;
    bool behind_secret_ = false;  // nothing but blanks was seen since
};

}  // namespace

std::string redact(std::string_view text) {
    const std::size_t nul = std::min(text.find('\0'), text.size());
    std::string out = Redactor(text.substr(0, nul)).run();
    if (nul < text.size() && !out.ends_with(blot)) out += blot;
    return out;
}

std::string redact_words(std::string_view words) {
    const std::string_view shown = words.substr(0, shown_of(words));
    return join({shown, shown.size() < words.size() ? blot : ""});
}

std::vector<std::string> secret_texts(const Members& members) {
    std::vector<std::string> out;
    for (const Member& member : members) {
        for (std::string& each : secret_texts(member.members)) out.push_back(std::move(each));
        if (!is_secret(member.name) || member.text.size() < shortest_told) continue;
        out.push_back(member.text);
        if (std::string escaped = xml::escape(member.text); escaped != member.text)
            out.push_back(std::move(escaped));
    }
    return out;
}

std::string without(std::string text, const std::vector<std::string>& secrets) {
    for (const std::string& secret : secrets) {
        std::size_t at = text.find(secret);
        if (at == std::string::npos) continue;
        std::string out;
        std::size_t shown = 0;
        for (; at != std::string::npos; at = text.find(secret, shown)) {
            out += join({std::string_view(text).substr(shown, at - shown), blot});
            shown = at + secret.size();
        }
        text = out + text.substr(shown);
    }
    return text;
}

}  // namespace oob::codec::wsman
