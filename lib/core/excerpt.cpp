#include "core/excerpt.h"

#include "core/text.h"

#include <algorithm>
#include <utility>

namespace oob {

namespace {

constexpr std::string_view more_begins = "… (";
constexpr std::string_view more_ends = " bytes more)";

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// Where the last character that fits ends; bytes that are no UTF-8 are cut anywhere.
std::size_t end_of_whole(const std::string& text, std::size_t most) {
    constexpr std::size_t longest_character = 4;
    std::size_t end = most;
    while (end > 0 && most - end < longest_character && continues_character(text[end])) --end;
    return continues_character(text[end]) ? most : end;
}

/// Whether cutting would change anything: it seldom does, and a copy costs.
bool fits(const Value& value, std::size_t most) {
    if (value.is_string()) return value.text().size() <= most;
    if (value.is_array())
        return value.items().size() <= most_listed &&
               std::ranges::all_of(value.items(),
                                   [&](const Value& each) { return fits(each, most); });
    return std::ranges::all_of(value.members(),
                               [&](const auto& each) { return fits(each.second, most); });
}

}  // namespace

std::string excerpt(std::string text, std::size_t most) {
    if (text.size() <= most) return text;
    const std::size_t end = end_of_whole(text, most);
    const std::string left = std::to_string(text.size() - end);
    // A new string: the old one would keep its memory.
    return join({std::string_view(text).substr(0, end), more_begins, left, more_ends});
}

Value excerpt(Value value, std::size_t most) {
    if (fits(value, most)) return value;
    if (value.is_string()) return excerpt(std::string(value.text()), most);
    if (value.is_array()) {
        Value::Array items;
        for (std::size_t i = 0; i < std::min(value.items().size(), most_listed); ++i)
            items.push_back(excerpt(value.items()[i], most));
        if (const std::size_t left = value.items().size() - items.size(); left > 0)
            items.emplace_back(join({more_begins, std::to_string(left), " items more)"}));
        return items;
    }
    Value::Object members;
    for (const auto& [key, each] : value.members()) members.emplace_back(key, excerpt(each, most));
    return members;
}

}  // namespace oob
