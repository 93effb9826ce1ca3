#include "report/table.h"

#include <algorithm>
#include <span>
#include <string_view>

namespace oob::report {

namespace {

constexpr std::size_t gap = 2;              // between columns
constexpr std::size_t indent_of_cells = 2;  // of the further lines of a row
constexpr std::size_t indent_of_details = 4;
/// The last cell of a line is cut between words there where so much room is left, else it gets a
/// line of its own.
constexpr std::size_t least_room = 24;
/// A name that is longer does not make its column wider.
constexpr std::size_t widest_device_column = 40;

std::size_t width_of(const Column& column, std::size_t widest_device) {
    std::size_t usual = column.usual_width;
    if (column.kind == Column::Kind::device && widest_device > 0)
        usual = std::min(widest_device, widest_device_column);
    return std::max(display_width(column.heading), usual);
}

bool fits(std::size_t width, std::size_t start, std::size_t limit) {
    return limit == unlimited || start + width <= limit;
}

bool has_room(std::size_t start, std::size_t limit) { return fits(least_room, start, limit); }

/// Details with labels that follow each other.
void add_labelled(std::string& out, std::span<const Detail> details, std::size_t limit) {
    std::size_t widest = 0;
    for (const Detail& each : details) widest = std::max(widest, display_width(each.label));
    const bool aligned = has_room(indent_of_details + widest + gap, limit);
    for (const Detail& each : details) {
        const std::size_t width = display_width(each.label);
        const std::size_t blanks = (aligned ? widest - width : 0) + gap;
        const std::size_t start = indent_of_details + width + blanks;
        const bool beside = aligned && fits(longest_word(each.text), start, limit);
        out += std::string(indent_of_details, ' ') + each.label;
        const std::string text =
            wrapped(each.text, start, beside ? start : indent_of_details + gap, limit);
        if (!text.empty() && !text.starts_with('\n')) out.append(blanks, ' ');
        out += text + "\n";
    }
}

}  // namespace

std::string details_text(const Details& details, std::size_t limit) {
    std::string out;
    for (auto at = details.begin(); at != details.end();) {
        const auto end =
            std::find_if(at, details.end(), [](const Detail& each) { return each.label.empty(); });
        if (end != at) {
            add_labelled(out, {at, end}, limit);
            at = end;
            continue;
        }
        if (!at->text.empty()) out.append(indent_of_details, ' ');
        out += wrapped(at->text, indent_of_details, indent_of_details, limit) + "\n";
        ++at;
    }
    return out;
}

Table::Table(const View& view, std::size_t widest_device, std::size_t limit) : limit_(limit) {
    std::size_t line = 0;
    std::size_t end = 0;
    for (const Column& column : view.columns) {
        const std::size_t width = width_of(column, widest_device);
        std::size_t start = places_.empty() ? 0 : end + gap;
        if (!places_.empty() && start + width > limit) {
            ++line;
            start = indent_of_cells;
        }
        headings_.push_back(column.heading);
        places_.push_back({line, start});
        end = start + width;
    }
}

std::string Table::heading() const { return line_up(headings_); }

std::string Table::row(const std::vector<std::string>& cells, const Details& details) const {
    return line_up(cells) + details_text(details, limit_);
}

std::string Table::line_up(const std::vector<std::string>& cells) const {
    std::string out;
    std::string line;
    std::size_t column = 0;
    const auto end_line = [&] {
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
        line.clear();
        column = 0;
    };
    for (std::size_t i = 0; i < cells.size(); ++i) {
        const bool is_last = i + 1 == cells.size() || places_[i + 1].line != places_[i].line;
        if (i > 0 && places_[i].line != places_[i - 1].line) end_line();
        std::size_t start = std::max(places_[i].start, column == 0 ? 0 : column + gap);
        const std::size_t width = display_width(cells[i]);
        const bool whole = fits(width, start, limit_);
        const bool cut = is_last && cells[i].contains(' ') && has_room(start, limit_);
        if (column > 0 && !whole && !cut) {
            end_line();
            start = indent_of_cells;
        }
        line.append(start - column, ' ');
        line += wrapped(cells[i], start, start, limit_);
        column = fits(width, start, limit_) ? start + width : limit_;
    }
    end_line();
    return out;
}

}  // namespace oob::report
