#include "core/text.h"

#include "core/unicode.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace oob {

namespace {

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string hex(View bytes, std::string_view digits) {
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::byte byte : bytes) {
        const auto value = std::to_integer<unsigned>(byte);
        text += digits[value >> 4];
        text += digits[value & 0xf];
    }
    return text;
}

/// Appends `value` in decimal with at least `width` digits.
void append_padded(std::string& text, std::int64_t value, std::size_t width) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
    const auto count = static_cast<std::size_t>(end - digits.data());
    if (count < width) text.append(width - count, '0');
    text.append(digits.data(), count);
}

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t not_base64 = 0xff;

constexpr std::array<std::uint8_t, 256> base64_values = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(not_base64);
    for (std::size_t i = 0; i < base64_alphabet.size(); ++i)
        values[static_cast<unsigned char>(base64_alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}();

/// A point in time taken apart, in UTC.
struct Calendar {
    explicit Calendar(std::chrono::system_clock::time_point time)
        : day(std::chrono::floor<std::chrono::days>(time)),
          date(day),
          clock(std::chrono::floor<std::chrono::milliseconds>(time - day)) {}

    void year(std::string& text) const { append_padded(text, static_cast<int>(date.year()), 4); }
    void month(std::string& text) const {
        append_padded(text, static_cast<unsigned>(date.month()), 2);
    }
    void day_of_month(std::string& text) const {
        append_padded(text, static_cast<unsigned>(date.day()), 2);
    }
    void time_of_day(std::string& text) const {
        append_padded(text, clock.hours().count(), 2);
        text += ':';
        append_padded(text, clock.minutes().count(), 2);
        text += ':';
        append_padded(text, clock.seconds().count(), 2);
    }

    std::chrono::sys_days day;
    std::chrono::year_month_day date;
    std::chrono::hh_mm_ss<std::chrono::milliseconds> clock;
};

/// The lengths of a UUID's groups in bytes, and how many of the groups SMBIOS stores little-endian.
constexpr std::array<std::size_t, 5> uuid_groups{4, 2, 2, 2, 6};
constexpr std::size_t uuid_little_endian_groups = 3;
constexpr std::size_t uuid_size = 16;

/// Turns the bytes of the little-endian groups around. It is its own opposite.
void swap_uuid_groups(Bytes& uuid) {
    auto group = uuid.begin();
    for (std::size_t i = 0; i < uuid_little_endian_groups; ++i) {
        const auto next = group + static_cast<std::ptrdiff_t>(uuid_groups[i]);
        std::reverse(group, next);
        group = next;
    }
}

/// Longer words get no "did you mean": the table of distances stays small.
constexpr std::size_t longest_word = 64;

/// How many letters must be changed, added, dropped or swapped with their neighbour (the restricted
/// Damerau-Levenshtein distance) to make `b` out of `a`, whatever the case.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last;
    std::vector<std::size_t> last(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::vector<std::size_t> row(b.size() + 1, i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
            const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                                 lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last = std::exchange(last, std::move(row));
    }
    return last.back();
}

/// How many letters two words have in common at their beginning, whatever the case.
std::size_t common_start(std::string_view a, std::string_view b) {
    const std::size_t most = std::min(a.size(), b.size());
    std::size_t count = 0;
    while (count < most && lower(a[count]) == lower(b[count])) ++count;
    return count;
}

}  // namespace

std::string join(std::initializer_list<std::string_view> parts) {
    std::size_t size = 0;
    for (const std::string_view part : parts) size += part.size();
    std::string text;
    text.reserve(size);
    for (const std::string_view part : parts) text += part;
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](char letter) { return lower(letter); });
    return result;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text, int base) {
    std::uint64_t value = 0;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const auto [stop, error] = std::from_chars(begin, end, value, base);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

std::string hex_lower(View bytes) { return hex(bytes, "0123456789abcdef"); }
std::string hex_upper(View bytes) { return hex(bytes, "0123456789ABCDEF"); }

std::optional<Bytes> parse_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const auto value = parse_unsigned(text.substr(i, 2), 16);
        if (!value) return std::nullopt;
        bytes.push_back(static_cast<std::byte>(*value));
    }
    return bytes;
}

std::string base64_encode(View bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const View group = bytes.subspan(i, std::min<std::size_t>(3, bytes.size() - i));
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (k < group.size() ? std::to_integer<std::uint32_t>(group[k]) : 0);
        for (std::size_t k = 0; k < 4; ++k)
            text += k <= group.size() ? base64_alphabet[bits >> (18 - 6 * k) & 0x3f] : '=';
    }
    return text;
}

std::optional<Bytes> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && text.ends_with('=')) {
        text.remove_suffix(1);
        ++padding;
    }
    Bytes bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    std::size_t count = 0;
    for (const char letter : text) {
        const std::uint8_t value = base64_values[static_cast<unsigned char>(letter)];
        if (value == not_base64) return std::nullopt;
        bits = bits << 6 | value;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes.push_back(static_cast<std::byte>(bits >> count & 0xff));
    }
    const std::uint32_t unused = bits & ((1U << count) - 1);
    if (unused != 0) return std::nullopt;  // not canonical: these bits belong to no byte
    return bytes;
}

std::string harmless(std::string text) {
    if (is_plain_ascii(text)) return text;
    std::string out;
    out.reserve(text.size());
    for (std::string_view rest = text; !rest.empty();) {
        const Character next = first_character(rest);
        if (next.valid && is_printable(next.code))
            out += rest.substr(0, next.bytes);
        else
            out += '?';
        rest.remove_prefix(next.bytes);
    }
    return out;
}

std::string rfc3339(std::chrono::system_clock::time_point time) {
    const Calendar utc(time);
    std::string text;
    text.reserve(sizeof "2026-01-01T00:00:00.000Z");
    utc.year(text);
    text += '-';
    utc.month(text);
    text += '-';
    utc.day_of_month(text);
    text += 'T';
    utc.time_of_day(text);
    text += '.';
    append_padded(text, utc.clock.subseconds().count(), 3);
    text += 'Z';
    return text;
}

std::string http_date(std::chrono::system_clock::time_point time) {
    constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Calendar utc(time);
    const std::string_view day = days[std::chrono::weekday(utc.day).c_encoding()];
    const std::string_view month = months[static_cast<unsigned>(utc.date.month()) - 1];
    std::string text = join({day, ", "});
    utc.day_of_month(text);
    text += join({" ", month, " "});
    utc.year(text);
    text += ' ';
    utc.time_of_day(text);
    text += " GMT";
    return text;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    struct Unit {
        std::string_view name;
        std::uint64_t milliseconds;
    };
    constexpr std::array<Unit, 6> units{{{"ms", 1},
                                         {"s", 1000},
                                         {"m", 60'000},
                                         {"h", 3'600'000},
                                         {"d", 86'400'000},
                                         {"w", 604'800'000}}};

    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = parse_unsigned(text.substr(0, digits));
    const auto* const unit = std::ranges::find(units, text.substr(digits), &Unit::name);
    if (!number || *number == 0 || unit == units.end()) return std::nullopt;
    constexpr auto longest = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(longest_duration).count());
    if (*number > longest / unit->milliseconds) return std::nullopt;
    return std::chrono::milliseconds(*number * unit->milliseconds);
}

std::string uuid_from_smbios(View sixteen_bytes) {
    if (sixteen_bytes.size() != uuid_size) return {};
    Bytes uuid(sixteen_bytes.begin(), sixteen_bytes.end());
    swap_uuid_groups(uuid);
    View rest(uuid);
    std::string text;
    for (const std::size_t group : uuid_groups) {
        if (!text.empty()) text += '-';
        text += hex_lower(rest.first(group));
        rest = rest.subspan(group);
    }
    return text;
}

std::optional<Bytes> uuid_to_smbios(std::string_view text) {
    const auto groups = split(text, '-');
    if (groups.size() != uuid_groups.size()) return std::nullopt;
    std::string digits;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (groups[i].size() != 2 * uuid_groups[i]) return std::nullopt;
        digits += groups[i];
    }
    auto uuid = parse_hex(digits);
    if (uuid) swap_uuid_groups(*uuid);
    return uuid;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& known) {
    if (word.empty() || word.size() > longest_word) return {};
    const std::size_t furthest = std::max<std::size_t>(1, word.size() / 3);
    std::string_view best;
    std::pair best_rank{furthest + 1, longest_word};  // the smaller, the nearer
    for (const std::string_view candidate : known) {
        if (candidate.size() > longest_word) continue;
        const std::pair rank{distance(word, candidate),
                             longest_word - common_start(word, candidate)};
        if (rank.first > furthest || rank >= best_rank) continue;
        best = candidate;
        best_rank = rank;
    }
    return best;
}

}  // namespace oob
