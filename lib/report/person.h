#pragma once

#include <string>
#include <string_view>

namespace oob::report {

/// Where text leaves for a person: standard error, a terminal that asks, standard output that is a
/// terminal. Nothing else in lib and cmd writes there (scripts/check-layers.py), and whoever spoke
/// the text, nothing in it reaches the person but what is printable (core/unicode.h). Line breaks
/// are the writer's own. What cannot be written is lost: nobody is there to be told.

/// One line on standard error. A line break inside the text is a '?' like any control character.
void tell(std::string_view line);

/// Lines of our own on standard error, for instance help; foreign words in them have to be made
/// harmless() one by one, as line breaks stay.
void tell_lines(std::string_view lines);

/// A question on standard error; the answer is typed behind it.
void ask(std::string_view question);
/// The same on another terminal, where it may be the only one.
void ask(int terminal, std::string_view question);

/// The text with its line breaks and tabs, and everything else harmless(). "\r\n" is a line break.
std::string harmless_lines(std::string_view text);

/// A line on standard error that is drawn anew in its place, on a terminal that can do so; gone at
/// the end.
class StatusLine {
 public:
    StatusLine() = default;
    StatusLine(const StatusLine&) = delete;
    StatusLine& operator=(const StatusLine&) = delete;
    ~StatusLine() { clear(); }

    void show(std::string_view text);
    /// To be called before anything else is told.
    void clear();

 private:
    bool drawn_ = false;
};

}  // namespace oob::report
