#include "report/width.h"

#include "core/text.h"

#include <sys/ioctl.h>
#include <unistd.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>

namespace oob::report {

namespace {

constexpr std::size_t usual_width = 80;
constexpr std::size_t widest = 10'000;

/// One character with the marks that belong to it, at the beginning of a text that is not empty.
struct Cluster {
    std::size_t bytes = 0;
    std::size_t width = 0;
};

/// A byte that is no UTF-8 takes one column.
Cluster character_at(std::string_view text) {
    utf8proc_int32_t point = 0;
    const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    const auto count = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &point);
    if (count <= 0) return {1, 1};
    return {static_cast<std::size_t>(count), static_cast<std::size_t>(utf8proc_charwidth(point))};
}

Cluster cluster_at(std::string_view text) {
    Cluster out = character_at(text);
    while (out.bytes < text.size()) {
        const Cluster mark = character_at(text.substr(out.bytes));
        if (mark.width > 0) break;
        out.bytes += mark.bytes;
    }
    return out;
}

/// How far the text goes without a place where a line may end: to the next blank, or between two
/// wide characters, whose scripts have no blanks.
Cluster word_at(std::string_view text) {
    Cluster out;
    bool wide = false;
    while (out.bytes < text.size() && text[out.bytes] != ' ') {
        const Cluster next = cluster_at(text.substr(out.bytes));
        if (wide && next.width == 2) break;
        wide = next.width == 2;
        out.bytes += next.bytes;
        out.width += next.width;
    }
    return out;
}

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t out = 0;
    while (!text.empty()) {
        const Cluster next = character_at(text);
        out += next.width;
        text.remove_prefix(next.bytes);
    }
    return out;
}

std::string wrapped(std::string_view text, std::size_t start, std::size_t indent,
                    std::size_t limit) {
    if (limit == unlimited) return std::string(text);
    std::string out;
    std::size_t column = start;
    std::size_t blanks = 0;
    bool may_end = start > indent;
    while (!text.empty()) {
        if (text.front() == ' ') {
            ++blanks;
            text.remove_prefix(1);
            continue;
        }
        const Cluster word = word_at(text);
        if (may_end && column + blanks + word.width > limit) {
            out += "\n" + std::string(indent, ' ');
            column = indent;
        } else {
            out.append(blanks, ' ');
            column += blanks;
        }
        blanks = 0;
        out += text.substr(0, word.bytes);
        column += word.width;
        may_end = true;
        text.remove_prefix(word.bytes);
    }
    return out;
}

std::size_t longest_word(std::string_view text) {
    std::size_t out = 0;
    while (!text.empty()) {
        const Cluster word = word_at(text);
        out = std::max(out, word.width);
        text.remove_prefix(std::max<std::size_t>(word.bytes, 1));
    }
    return out;
}

std::size_t output_width() {
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    winsize size{};
    if (terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char* columns = std::getenv("COLUMNS");
    const auto told = parse_unsigned(columns ? columns : "");
    if (told && *told > 0 && *told <= widest) return static_cast<std::size_t>(*told);
    return terminal ? usual_width : unlimited;
}

}  // namespace oob::report
