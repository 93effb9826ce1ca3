#include "core/timestamp.h"

#include "core/text.h"

#include <algorithm>

namespace oob {

namespace {

using std::chrono::minutes;
using Time = std::chrono::system_clock::time_point;

/// A clock that counts nanoseconds in 64 bits ends in the year after.
constexpr unsigned last_year = 2261;

/// Takes what a form says off the front of a text, character by character.
class Reading {
 public:
    explicit Reading(std::string_view text) : rest_(text) {}

    /// Exactly so many digits, of a number in these bounds.
    unsigned number(std::size_t digits, unsigned least, unsigned most) {
        const std::string_view word = rest_.substr(0, digits);
        const auto value =
            word.size() == digits && word.find_first_not_of("0123456789") == std::string_view::npos
                ? parse_unsigned(word)
                : std::nullopt;
        good_ &= value && *value >= least && *value <= most;
        rest_.remove_prefix(word.size());
        return good_ ? static_cast<unsigned>(*value) : 0;
    }

    bool next_is(std::string_view any_of) const {
        return !rest_.empty() && any_of.contains(rest_.front());
    }

    /// One of these characters, or nothing good comes of it.
    char one_of(std::string_view characters) {
        good_ &= next_is(characters);
        if (!good_) return '\0';
        const char out = rest_.front();
        rest_.remove_prefix(1);
        return out;
    }

    void skip_digits() {
        good_ &= next_is("0123456789");
        rest_.remove_prefix(std::min(rest_.find_first_not_of("0123456789"), rest_.size()));
    }

    void refuse() { good_ = false; }
    bool good() const { return good_; }
    bool at_end() const { return good_ && rest_.empty(); }

 private:
    std::string_view rest_;
    bool good_ = true;
};

/// Day and time of day, as if they were in UTC.
Time read_local(Reading& in) {
    const unsigned year = in.number(4, 1970, last_year);
    in.one_of("-");
    const unsigned month = in.number(2, 1, 12);
    in.one_of("-");
    const unsigned day = in.number(2, 1, 31);
    in.one_of("Tt ");
    const unsigned hour = in.number(2, 0, 23);
    in.one_of(":");
    const unsigned minute = in.number(2, 0, 59);
    unsigned second = 0;
    if (in.next_is(":")) {
        in.one_of(":");
        second = in.number(2, 0, 59);
        if (in.next_is(".")) {
            in.one_of(".");
            in.skip_digits();
        }
    }
    const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)),
                                           std::chrono::month(month), std::chrono::day(day));
    if (!in.good() || !date.ok()) {
        in.refuse();
        return {};
    }
    return Time(std::chrono::sys_days(date)) + std::chrono::hours(hour) + minutes(minute) +
           std::chrono::seconds(second);
}

minutes read_offset(Reading& in) {
    if (in.next_is("Zz")) {
        in.one_of("Zz");
        return minutes(0);
    }
    const bool west = in.one_of("+-") == '-';
    const unsigned hours = in.number(2, 0, 23);
    in.one_of(":");
    const auto out = std::chrono::hours(hours) + minutes(in.number(2, 0, 59));
    return west ? -out : out;
}

}  // namespace

std::optional<Time> parse_timestamp(std::string_view text) {
    Reading in(text);
    const Time local = read_local(in);
    const minutes offset = read_offset(in);
    if (!in.at_end()) return std::nullopt;
    return local - offset;
}

bool lacks_offset(std::string_view text) {
    Reading in(text);
    read_local(in);
    return in.at_end();
}

std::string to_seconds(Time time) {
    std::string out = rfc3339(time);
    out.replace(out.find('.'), std::string::npos, "Z");
    return out;
}

}  // namespace oob
