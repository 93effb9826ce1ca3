#include "codec/wsman/free_text.h"

#include "codec/wsman/secrets.h"

#include <algorithm>

namespace oob::codec::wsman {

namespace {

constexpr auto nowhere = std::string_view::npos;
constexpr std::string_view blanks = " \t\r\n";
/// Between a secret's name and its value; & begins an entity that stands for one of the others.
constexpr std::string_view before_value = "=:>\"'&[{`";
/// A name behind one of these is no word of a sentence: it has a prefix, or is quoted.
constexpr std::string_view before_name = ":;\"'";
/// A value is more than this.
constexpr std::string_view no_value = " \t\r\n.,:;=!?\"')]}>-";

/// Where the password begins in what stands behind "://" at `at`; nothing when there is none. One
/// that is cut short before its @ is told from a port by not being a number.
std::optional<std::size_t> password_in_url(std::string_view text, std::size_t at) {
    const std::size_t end = std::min(text.find_first_of("/?# \t\r\n\"'<>", at), text.size());
    const std::string_view authority = text.substr(at, end - at);
    const std::size_t colon = authority.find(':');
    if (colon == nowhere || authority.starts_with('[')) return std::nullopt;
    const bool named = authority.find('@', colon) != nowhere;
    const bool cut =
        end == text.size() && authority.find_first_not_of("0123456789", colon + 1) != nowhere;
    if (!named && !cut) return std::nullopt;
    return at + colon + 1;
}

/// Where markup or an entity seems to begin.
std::size_t markup_in(std::string_view text) {
    std::size_t at = 0;
    while ((at = text.find_first_of("<&", at)) != nowhere) {
        const char next = ++at < text.size() ? text[at] : ' ';
        if (is_word_character(next) || std::string_view("/#!?").contains(next)) return at - 1;
    }
    return nowhere;
}

/// Free text, word for word.
class Words {
 public:
    explicit Words(std::string_view text) : text_(text), markup_(markup_in(text)) {}

    std::optional<std::size_t> secret() {
        while (at_ < text_.size()) {
            if (is_word_character(text_[at_])) {
                if (const auto found = behind_word()) return found;
            } else if (text_.substr(at_).starts_with("://")) {
                at_ += 3;
                if (const auto found = password_in_url(text_, at_)) return found;
            } else {
                ++at_;
            }
        }
        return std::nullopt;
    }

 private:
    std::optional<std::size_t> behind_word() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_word_character(text_[at_])) ++at_;
        std::string_view word = text_.substr(begin, at_ - begin);
        while (!word.empty() && (word.back() == '.' || word.back() == '-')) word.remove_suffix(1);
        if (!is_secret(word)) return std::nullopt;
        if (markup_ < begin) return markup_;
        const std::size_t end = begin + word.size();
        const std::size_t next = text_.find_first_not_of(blanks, end);
        if (next == nowhere) return std::nullopt;
        const bool quoted = begin > 0 && before_name.find(text_[begin - 1]) != nowhere;
        if (!quoted && before_value.find(text_[next]) == nowhere) return std::nullopt;
        return end;
    }

    std::string_view text_;
    std::size_t markup_;
    std::size_t at_ = 0;
};

}  // namespace

bool is_word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

std::optional<std::size_t> secret_in(std::string_view text) { return Words(text).secret(); }

bool tells_nothing(std::string_view text) { return text.find_first_not_of(no_value) == nowhere; }

std::size_t shown_of(std::string_view text) {
    const auto secret = secret_in(text);
    return secret && !tells_nothing(text.substr(*secret)) ? *secret : text.size();
}

}  // namespace oob::codec::wsman
