#pragma once

#include "core/value.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace oob::report {

/// One column of a table: its heading, and how to fill it from a record.
struct Column {
    /// What its cells tell of: which device it is, what is known of it, what the verb was asked
    /// for, or how that went. Devices with equal outcomes and results are one group of
    /// `-o grouped`.
    enum class Kind { device, about, outcome, result };

    std::string heading;
    std::function<std::string(const Value& record)> cell;
    /// The column is made so wide. A longer cell is not cut: it pushes those behind it.
    std::size_t usual_width = 0;
    Kind kind = Kind::outcome;
};

/// One line under a row. Labels of lines that follow each other are aligned. Without a label the
/// text begins where labels do; without both the line is empty.
struct Detail {
    std::string label;
    std::string text;

    friend auto operator<=>(const Detail&, const Detail&) = default;
};
using Details = std::vector<Detail>;

/// What people are shown of a verb's records: a row each, and lines under it for what does not fit
/// in a row.
struct View {
    std::vector<Column> columns;
    /// What the verb was asked for, where that is more than a row. May be empty.
    std::function<Details(const Value& record)> details;
};

/// A view with the columns that most verbs have: device and firmware in front of its own, the
/// result behind them.
View standard_view(std::vector<Column> own = {},
                   std::function<Details(const Value& record)> details = {});

/// A column of what stands behind a dotted path.
Column path_column(const char* heading, const char* path, std::size_t usual_width = 0);

/// The cells of a row, in the order of the columns. Everything that is shown is harmless(), so
/// that nothing a peer says can steer the terminal.
std::vector<std::string> cells_of(const View& view, const Value& record);

/// Of them the error's words and what to do next; nothing where there is none.
Details details_of_error(const Value& record);
/// The lines under a row: the error's words and what to do next, then what the view says, then
/// warnings. Nothing of a record that was passed through but the error.
Details details_of(const View& view, const Value& record);

/// "changed", "timeout.connect", "dry run: press the reset button".
std::string result_of(const Value& record);

/// "12 targets: 9 ok (2 changed), 3 failed (2 timeout, 1 auth)" for the record of type summary.
std::string words_of_summary(const Value& summary);

/// The value behind a dotted path, "state.after.power"; null when there is none.
const Value& at_path(const Value& record, std::string_view path);
/// The same as text for a cell; "-" for null.
std::string text_at(const Value& record, std::string_view path);
/// "yes", "no", or "-" for what is no truth value.
std::string truth_at(const Value& record, std::string_view path);
/// A count of bytes for people, "14.0 MiB"; "-" for null.
std::string bytes_at(const Value& record, std::string_view path);

}  // namespace oob::report
