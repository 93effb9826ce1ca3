#include "core/target_fold.h"

#include "core/text.h"

#include <algorithm>
#include <map>
#include <utility>

namespace oob {

namespace {

/// Numbers with more digits are left as text: they are no counts of machines.
constexpr std::size_t most_digits = 18;
/// Stands for a number in a text's shape.
constexpr char place_of_number = '\x01';

/// Numbers as they are written, "01", each once: shorter ones first, then smaller ones.
using Numbers = std::vector<std::string>;

bool before(const std::string& a, const std::string& b) {
    return std::pair(a.size(), std::string_view(a)) < std::pair(b.size(), std::string_view(b));
}

/// What stands for one or more texts of a shape: one set for each number in it.
using Item = std::vector<Numbers>;

/// A text taken apart.
struct Parts {
    bool plain = false;  ///< nothing in it can stand in brackets
    std::string shape;
    Item numbers;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Brackets and what a range takes for its own, and what can stand in no target.
bool is_special(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == 0x7f || c == '[' || c == ']' || c == ',';
}

Parts parts_of(const std::string& text) {
    Parts out;
    if (std::ranges::any_of(text, is_special)) return {.plain = true, .shape = text, .numbers = {}};
    // Behind a question mark a range expands nothing, and in front of "://" it should not.
    const std::size_t end = std::min(text.find('?'), text.size());
    const std::size_t scheme = text.substr(0, end).find("://");
    std::size_t at = scheme == std::string::npos ? 0 : scheme;
    out.shape = text.substr(0, at);
    while (at < end) {
        if (!is_digit(text[at])) {
            out.shape += text[at++];
            continue;
        }
        std::size_t stop = at;
        while (stop < end && is_digit(text[stop])) ++stop;
        if (stop - at > most_digits) {
            out.shape += text.substr(at, stop - at);
        } else {
            out.shape += place_of_number;
            out.numbers.push_back({text.substr(at, stop - at)});
        }
        at = stop;
    }
    out.shape += text.substr(end);
    return out;
}

std::uint64_t value_of(const std::string& number) { return parse_unsigned(number).value_or(0); }

/// What a range writes for a number of at least so many digits.
std::string padded(std::uint64_t value, std::size_t width) {
    std::string out = std::to_string(value);
    if (out.size() < width) out.insert(0, width - out.size(), '0');
    return out;
}

/// "01-40,50": the inside of brackets.
std::string inside_of(const Numbers& numbers) {
    std::string out;
    for (std::size_t first = 0; first < numbers.size();) {
        const std::size_t width = numbers[first].size();
        std::size_t last = first;
        while (last + 1 < numbers.size() &&
               numbers[last + 1] == padded(value_of(numbers[last]) + 1, width))
            ++last;
        out += join({out.empty() ? "" : ",", numbers[first]});
        if (last > first) out += join({"-", numbers[last]});
        first = last + 1;
    }
    return out;
}

/// Everything but one of an item's sets, to find those that differ in it alone.
std::string rest_of(const Item& item, std::size_t but) {
    std::string out;
    for (std::size_t i = 0; i < item.size(); ++i)
        if (i != but) out += join({inside_of(item[i]), ";"});
    return out;
}

/// Puts together items that differ in one set alone.
std::vector<Item> merged(std::vector<Item> items, std::size_t place) {
    std::map<std::string, Item> by_rest;
    for (Item& item : items) {
        const auto [known, is_new] = by_rest.try_emplace(rest_of(item, place));
        if (is_new)
            known->second = std::move(item);
        else
            std::ranges::move(item[place], std::back_inserter(known->second[place]));
    }
    std::vector<Item> out;
    for (auto& [rest, item] : by_rest) {
        std::ranges::sort(item[place], before);
        out.push_back(std::move(item));
    }
    return out;
}

/// The places of numbers that differ at all, the one that differs most first.
std::vector<std::size_t> places_that_differ(const std::vector<Item>& items) {
    std::vector<std::pair<std::size_t, std::size_t>> counts;  // how many there are, and where
    for (std::size_t place = 0; place < items.front().size(); ++place) {
        std::vector<std::string_view> seen;
        for (const Item& item : items) seen.emplace_back(item[place].front());
        std::ranges::sort(seen);
        const auto repeated = std::ranges::unique(seen);
        const auto count = static_cast<std::size_t>(repeated.begin() - seen.begin());
        if (count > 1) counts.emplace_back(count, place);
    }
    std::ranges::sort(counts, std::greater());
    std::vector<std::size_t> out;
    for (const auto& [count, place] : counts) out.push_back(place);
    return out;
}

std::string word_of(const std::string& shape, const Item& item) {
    std::string out;
    auto set = item.begin();
    for (const char c : shape) {
        if (c != place_of_number) {
            out += c;
            continue;
        }
        out += set->size() == 1 ? set->front() : join({"[", inside_of(*set), "]"});
        ++set;
    }
    return out;
}

/// How large one word may be.
struct Limits {
    std::size_t longest;
    std::uint64_t most;
};

bool fits(const Item& item, const std::string& word, const Limits& limits) {
    std::uint64_t count = 1;
    for (const Numbers& set : item) {
        count *= set.size();
        if (count > limits.most) return false;
    }
    return word.size() <= limits.longest;
}

/// Writes the item as one word, or in halves when that would be too much for one.
void write(const std::string& shape, Item item, const Limits& limits,
           std::vector<std::string>& out) {
    const auto largest = std::ranges::max_element(item, {}, &Numbers::size);
    std::string word = word_of(shape, item);
    if (largest == item.end() || largest->size() == 1 || fits(item, word, limits)) {
        out.push_back(std::move(word));
        return;
    }
    const auto place = largest - item.begin();
    const auto half = static_cast<std::ptrdiff_t>(largest->size() / 2);
    Item second = item;
    second[place].erase(second[place].begin(), second[place].begin() + half);
    item[place].resize(static_cast<std::size_t>(half));
    write(shape, std::move(item), limits, out);
    write(shape, std::move(second), limits, out);
}

bool item_before(const Item& a, const Item& b) {
    return std::ranges::lexicographical_compare(
        a, b, before, [](const Numbers& set) { return set.front(); },
        [](const Numbers& set) { return set.front(); });
}

}  // namespace

std::string short_target(std::string_view text) {
    const auto target = parse_target(text);
    if (!target) return std::string(text);
    const std::string prefix = join({amt_scheme, "://"});
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
    const auto question = std::min(text.find('?'), text.size());
    std::string_view place = text.substr(0, question);
    if (place.ends_with('/') && target->scheme != "mei") place.remove_suffix(1);
    const std::string port = ":" + std::to_string(target->port.value_or(0));
    if (target->port == usual_port(target->scheme) && place.ends_with(port))
        place.remove_suffix(port.size());
    return join({place, text.substr(question)});
}

std::vector<std::string> fold_targets(std::vector<std::string> texts, std::size_t longest,
                                      std::uint64_t most) {
    std::ranges::sort(texts);
    const auto repeated = std::ranges::unique(texts);
    texts.erase(repeated.begin(), repeated.end());
    std::map<std::pair<std::string, bool>, std::vector<Item>> by_shape;
    for (const std::string& text : texts) {
        Parts parts = parts_of(text);
        by_shape[{std::move(parts.shape), parts.plain}].push_back(std::move(parts.numbers));
    }
    std::vector<std::string> out;
    for (auto& [key, items] : by_shape) {
        const auto& [shape, plain] = key;
        if (plain) {
            out.push_back(shape);
            continue;
        }
        for (const std::size_t place : places_that_differ(items))
            items = merged(std::move(items), place);
        std::ranges::sort(items, item_before);
        for (Item& item : items) write(shape, std::move(item), {longest, most}, out);
    }
    return out;
}

}  // namespace oob
