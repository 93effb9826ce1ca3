#include "report/person.h"

#include "core/text.h"

#include <termios.h>
#include <unistd.h>

#include <cerrno>

namespace oob::report {

namespace {

constexpr std::string_view line_begin_emptied = "\r\x1b[K";

/// Nothing foreign gets here but through harmless() or harmless_lines().
void write_to(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

/// A terminal in raw mode, as consoles have it, takes a line feed for no more than that.
std::string_view line_break() {
    termios settings{};
    const bool raw = ::tcgetattr(STDERR_FILENO, &settings) == 0 && (settings.c_oflag & OPOST) == 0;
    return raw ? "\r\n" : "\n";
}

}  // namespace

void tell(std::string_view line) {
    write_to(STDERR_FILENO, join({harmless(std::string(line)), line_break()}));
}

void tell_lines(std::string_view lines) {
    const std::string_view end = line_break();
    std::string out;
    for (;;) {
        const std::size_t length = lines.find('\n');
        out += harmless(std::string(lines.substr(0, length)));
        if (length == std::string_view::npos) break;
        out += end;
        lines.remove_prefix(length + 1);
    }
    write_to(STDERR_FILENO, out);
}

void ask(std::string_view question) { ask(STDERR_FILENO, question); }

void ask(int terminal, std::string_view question) {
    write_to(terminal, harmless(std::string(question)));
}

std::string harmless_lines(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t end = text.find_first_of("\n\t");
        std::string_view piece = text.substr(0, end);
        const bool line_ends = end != std::string_view::npos && text[end] == '\n';
        if (line_ends && piece.ends_with('\r')) piece.remove_suffix(1);
        out += harmless(std::string(piece));
        if (end == std::string_view::npos) break;
        out += text[end];
        text.remove_prefix(end + 1);
    }
    return out;
}

void StatusLine::show(std::string_view text) {
    write_to(STDERR_FILENO, join({line_begin_emptied, harmless(std::string(text))}));
    drawn_ = true;
}

void StatusLine::clear() {
    if (drawn_) write_to(STDERR_FILENO, line_begin_emptied);
    drawn_ = false;
}

}  // namespace oob::report
