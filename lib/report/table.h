#pragma once

#include "core/value.h"

#include <functional>
#include <string>
#include <vector>

namespace oob::report {

/// One column of a table: its heading and how to fill it from a record.
struct Column {
    std::string heading;
    std::function<std::string(const Value& record)> cell;
};

/// The columns that every tool's table has; a tool puts its own between device and result.
std::vector<Column> standard_columns(std::vector<Column> own = {});

/// Rows with aligned columns, heading first, every line ended. Cells are made harmless(), so that
/// nothing a peer says can steer the terminal.
std::string render_table(const std::vector<Column>& columns, const std::vector<Value>& records);

/// The value behind a dotted path, "state.after.power"; null when there is none.
const Value& at_path(const Value& record, std::string_view path);
/// The same as text for a cell; "-" for null.
std::string text_at(const Value& record, std::string_view path);

}  // namespace oob::report
