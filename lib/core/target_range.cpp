#include "core/target.h"
#include "core/text.h"

namespace oob {

namespace {

/// What stands in front of an @ may hold a password, so it is not repeated.
std::unexpected<Error> bad_range(std::string_view text, std::string_view why) {
    return std::unexpected(
        Error(Class::usage, "usage.range",
              join({"cannot expand ", shown(text.substr(text.rfind('@') + 1)), ": ", why}),
              "ranges look like pc[01-40,50], 10.0.0.0/24 or 10.0.0.5-10.0.0.90"));
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

/// What was meant as an address and is none is an error, everything else no range of addresses.
Result<std::optional<TargetRange::Addresses>> TargetRange::no_range(std::string_view text) {
    const auto host = parse_host(text);
    if (host || !looks_like_address(text)) return std::nullopt;
    return std::unexpected(host.error());
}

/// "10.0.0.0/24" or "10.0.0.5-10.0.0.90"; nothing for what is meant as something else.
Result<std::optional<TargetRange::Addresses>> TargetRange::parse_addresses(std::string_view text) {
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        const auto network = text.substr(0, slash);
        const auto prefix = text.substr(slash + 1);
        const auto base = parse_ipv4(network);
        if (!base) return no_range(network);
        if (prefix.empty()) return std::nullopt;  // the end of a URL
        const auto bits = parse_unsigned(prefix);
        if (!bits || *bits > 32 || prefix.size() > 2)
            return bad_range(text, "a network ends with /0 to /32");
        const std::uint64_t count = std::uint64_t{1} << (32 - *bits);
        return Addresses{static_cast<std::uint32_t>(*base & ~(count - 1)), count};
    }
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto first_text = text.substr(0, dash);
    const auto last_text = text.substr(dash + 1);
    if (!first_text.contains('.') || !looks_like_address(first_text) ||
        !looks_like_address(last_text))
        return std::nullopt;
    const auto first = parse_ipv4(first_text);
    const auto last = parse_ipv4(last_text);
    if (!first) return no_range(first_text);
    if (!last) return no_range(last_text.contains('.') ? last_text : text);
    if (*first > *last) return bad_range(text, "it runs backwards");
    return Addresses{*first, std::uint64_t{*last} - *first + 1};
}

Result<TargetRange> TargetRange::parse(std::string_view text) {
    TargetRange range;
    const auto question = text.find('?');
    const auto scheme = text.substr(0, question).find("://");
    const std::size_t start = scheme == std::string_view::npos ? 0 : scheme + 3;
    const auto tail =
        question == std::string_view::npos ? std::string_view() : text.substr(question);
    const auto middle =
        text.substr(start, question == std::string_view::npos ? question : question - start);

    const auto addresses = parse_addresses(middle);
    if (!addresses) return std::unexpected(addresses.error());
    if (*addresses) {
        if ((*addresses)->count > largest) return bad_range(text, "more than one million");
        range.parts_ = {std::string(text.substr(0, start)), **addresses, std::string(tail)};
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

std::vector<std::uint64_t> TargetRange::edges() const {
    std::vector<std::uint64_t> out{0, size() - 1};
    std::uint64_t stride = 1;
    for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) {
        std::uint64_t before = 0;
        if (const auto* set = std::get_if<Set>(&*part)) {
            for (const auto& numbers : *set) {
                const std::uint64_t count = numbers.last - numbers.first + 1;
                out.push_back(before * stride);
                out.push_back((before + count - 1) * stride);
                before += count;
            }
        }
        stride *= size_of(*part);
    }
    return out;
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
