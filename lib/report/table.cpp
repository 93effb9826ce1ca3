#include "report/table.h"

#include "core/json.h"
#include "core/text.h"

#include <algorithm>
#include <iterator>

namespace oob::report {

namespace {

/// How many columns of a terminal a UTF-8 text takes: its code points, near enough for names and
/// hints.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string result_cell(const Value& record) {
    if (at_path(record, "skipped").truth()) return "skipped";
    if (!at_path(record, "ok").truth()) return text_at(record, "error.code");
    if (at_path(record, "dry_run").truth()) return "dry run";
    return at_path(record, "changed").truth() ? "changed" : "ok";
}

std::string detail_cell(const Value& record) {
    const Value& message = at_path(record, "error.message");
    const Value& plan = at_path(record, "data.plan");
    if (message.is_null()) return plan.is_null() ? "" : std::string(plan.text());
    const Value& hint = at_path(record, "error.hint");
    return hint.is_null() ? std::string(message.text())
                          : join({message.text(), " (", hint.text(), ")"});
}

}  // namespace

const Value& at_path(const Value& record, std::string_view path) {
    static const Value nothing;
    const Value* value = &record;
    for (const auto key : split(path, '.')) {
        value = value->find(key);
        if (!value) return nothing;
    }
    return *value;
}

std::string text_at(const Value& record, std::string_view path) {
    const Value& value = at_path(record, path);
    if (value.is_null()) return "-";
    return value.is_string() ? std::string(value.text()) : to_json(value);
}

std::vector<Column> standard_columns(std::vector<Column> own) {
    std::vector<Column> columns{
        {"DEVICE", [](const Value& record) { return text_at(record, "device.name"); }},
        {"FIRMWARE", [](const Value& record) { return text_at(record, "device.firmware"); }}};
    std::ranges::move(own, std::back_inserter(columns));
    columns.push_back({"RESULT", result_cell});
    columns.push_back({"DETAIL", detail_cell});
    return columns;
}

std::string render_table(const std::vector<Column>& columns, const std::vector<Value>& records) {
    std::vector<std::vector<std::string>> rows(1);
    for (const auto& column : columns) rows.front().push_back(column.heading);
    for (const auto& record : records) {
        auto& row = rows.emplace_back();
        for (const auto& column : columns) row.push_back(harmless(column.cell(record)));
    }
    std::vector<std::size_t> widths(columns.size());
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));

    std::string out;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size()) line.append(widths[i] - width(row[i]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

}  // namespace oob::report
