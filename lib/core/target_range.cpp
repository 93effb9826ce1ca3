#include "core/target.h"
#include "core/text.h"

namespace oob {

namespace {

std::unexpected<Error> bad_range(std::string_view text, std::string_view why) {
    return std::unexpected(
        Error(Class::usage, "usage.range", join({"cannot expand ", text, ": ", why}),
              "ranges look like pc[01-40,50], 10.0.0.0/24 or 10.0.0.5-10.0.0.90"));
}

/// "10.0.0.0/24" or "10.0.0.5-10.0.0.90" with what stands before and behind: first address and
/// count.
std::optional<std::pair<std::uint32_t, std::uint64_t>> parse_addresses(std::string_view text) {
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        const auto base = parse_ipv4(text.substr(0, slash));
        const auto bits = parse_unsigned(text.substr(slash + 1));
        if (!base || !bits || *bits > 32) return std::nullopt;
        const std::uint64_t count = std::uint64_t{1} << (32 - *bits);
        return std::pair{static_cast<std::uint32_t>(*base & ~(count - 1)), count};
    }
    if (const auto dash = text.find('-'); dash != std::string_view::npos) {
        const auto first = parse_ipv4(text.substr(0, dash));
        const auto last = parse_ipv4(text.substr(dash + 1));
        if (!first || !last) return std::nullopt;
        return std::pair{*first, *first <= *last ? std::uint64_t{*last} - *first + 1 : 0};
    }
    return std::nullopt;
}

}  // namespace

Result<TargetRange::Set> TargetRange::parse_set(std::string_view inside) {
    Set set;
    for (const auto item : split(inside, ',')) {
        const auto dash = item.find('-');
        const auto first_text = item.substr(0, dash);
        const auto last_text = dash == std::string_view::npos ? first_text : item.substr(dash + 1);
        const auto first = parse_unsigned(first_text);
        const auto last = parse_unsigned(last_text);
        if (!first || !last) return bad_range(inside, "not a number");
        if (*first > *last) return bad_range(inside, "it runs backwards");
        if (*last - *first >= largest) return bad_range(inside, "more than one million");
        set.push_back({*first, *last, first_text.size()});
    }
    return set;
}

Result<TargetRange> TargetRange::parse(std::string_view text) {
    TargetRange range;
    const auto scheme = text.find("://");
    const std::size_t start = scheme == std::string_view::npos ? 0 : scheme + 3;
    const auto question = text.find('?');
    const auto tail =
        question == std::string_view::npos ? std::string_view() : text.substr(question);
    const auto middle =
        text.substr(start, question == std::string_view::npos ? question : question - start);

    if (const auto addresses = parse_addresses(middle)) {
        if (addresses->second == 0) return bad_range(text, "it runs backwards");
        if (addresses->second > largest) return bad_range(text, "more than one million");
        range.parts_ = {std::string(text.substr(0, start)),
                        Addresses{addresses->first, addresses->second}, std::string(tail)};
        return range;
    }
    std::string literal(text.substr(0, start));
    std::string_view rest = middle;
    while (!rest.empty()) {
        const auto open = rest.find('[');
        const auto close = open == std::string_view::npos ? open : rest.find(']', open);
        if (open == std::string_view::npos) break;
        if (close == std::string_view::npos) return bad_range(text, "a bracket is not closed");
        const auto inside = rest.substr(open + 1, close - open - 1);
        if (inside.find(':') != std::string_view::npos) {  // IPv6
            literal += rest.substr(0, close + 1);
        } else {
            auto set = parse_set(inside);
            if (!set) return std::unexpected(set.error());
            literal += rest.substr(0, open);
            range.parts_.emplace_back(std::move(literal));
            literal.clear();
            range.parts_.emplace_back(std::move(*set));
        }
        rest = rest.substr(close + 1);
    }
    range.parts_.emplace_back(join({literal, rest, tail}));
    std::uint64_t count = 1;
    for (const auto& part : range.parts_) {
        count *= size_of(part);
        if (count > largest) return bad_range(text, "more than one million");
    }
    return range;
}

std::uint64_t TargetRange::size_of(const Part& part) {
    if (const auto* set = std::get_if<Set>(&part)) {
        std::uint64_t count = 0;
        for (const auto& numbers : *set) count += numbers.last - numbers.first + 1;
        return count;
    }
    if (const auto* addresses = std::get_if<Addresses>(&part)) return addresses->count;
    return 1;
}

std::uint64_t TargetRange::size() const {
    std::uint64_t count = 1;
    for (const auto& part : parts_) count *= size_of(part);
    return count;
}

std::string TargetRange::at(std::uint64_t index) const {
    std::string out;
    for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) {
        const std::uint64_t size = size_of(*part);
        std::uint64_t digit = index % size;
        index /= size;
        if (const auto* text = std::get_if<std::string>(&*part)) {
            out.insert(0, *text);
        } else if (const auto* addresses = std::get_if<Addresses>(&*part)) {
            out.insert(0, format_ipv4(addresses->first + static_cast<std::uint32_t>(digit)));
        } else {
            for (const auto& numbers : std::get<Set>(*part)) {
                const std::uint64_t count = numbers.last - numbers.first + 1;
                if (digit >= count) {
                    digit -= count;
                    continue;
                }
                std::string number = std::to_string(numbers.first + digit);
                if (number.size() < numbers.width)
                    number.insert(0, numbers.width - number.size(), '0');
                out.insert(0, number);
                break;
            }
        }
    }
    return out;
}

}  // namespace oob
