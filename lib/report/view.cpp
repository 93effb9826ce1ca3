#include "report/view.h"

#include "core/json.h"
#include "core/text.h"

#include <array>
#include <cstdio>
#include <iterator>
#include <utility>

namespace oob::report {

namespace {

/// A device's name is often that long; where the targets are known, their names decide.
constexpr std::size_t usual_name = 15;
constexpr std::size_t usual_firmware = 12;

bool passed_through(const Value& record) { return at_path(record, "skipped").truth(); }

/// "2 changed, 1 x" of counts that are above zero, in parentheses; nothing without any.
std::string in_parentheses(const std::vector<std::pair<std::string, std::int64_t>>& counts) {
    std::string out;
    for (const auto& [what, count] : counts)
        if (count > 0) out += join({out.empty() ? " (" : ", ", std::to_string(count), " ", what});
    return out.empty() ? out : out + ")";
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

std::string truth_at(const Value& record, std::string_view path) {
    const Value& value = at_path(record, path);
    if (value == Value(true)) return "yes";
    return value == Value(false) ? "no" : "-";
}

std::string bytes_at(const Value& record, std::string_view path) {
    const Value& value = at_path(record, path);
    if (value.is_null()) return "-";
    constexpr std::array units{"KiB", "MiB", "GiB", "TiB"};
    double number = value.number();
    if (number < 1024) return std::to_string(value.integer()) + " B";
    std::size_t unit = 0;
    for (number /= 1024; number >= 1024 && unit + 1 < units.size(); number /= 1024) ++unit;
    std::array<char, 48> out{};
    std::snprintf(out.data(), out.size(), "%.1f %s", number, units[unit]);
    return out.data();
}

std::string result_of(const Value& record) {
    if (passed_through(record)) return "skipped";
    if (!at_path(record, "ok").truth()) return text_at(record, "error.code");
    if (at_path(record, "dry_run").truth()) {
        const Value& plan = at_path(record, "data.plan");
        return plan.is_null() ? "dry run" : join({"dry run: ", plan.text()});
    }
    return at_path(record, "changed").truth() ? "changed" : "ok";
}

Column path_column(const char* heading, const char* path, std::size_t usual_width) {
    return {heading, [path](const Value& record) { return text_at(record, path); }, usual_width};
}

View standard_view(std::vector<Column> own, std::function<Details(const Value&)> details) {
    Column device = path_column("DEVICE", "device.name", usual_name);
    device.kind = Column::Kind::device;
    Column firmware = path_column("FIRMWARE", "device.firmware", usual_firmware);
    firmware.kind = Column::Kind::about;
    View out;
    out.columns.push_back(std::move(device));
    out.columns.push_back(std::move(firmware));
    std::ranges::move(own, std::back_inserter(out.columns));
    out.columns.push_back({"RESULT", result_of, 0, Column::Kind::result});
    out.details = std::move(details);
    return out;
}

std::vector<std::string> cells_of(const View& view, const Value& record) {
    std::vector<std::string> out;
    for (const Column& column : view.columns) out.push_back(harmless(column.cell(record)));
    return out;
}

Details details_of_error(const Value& record) {
    Details out;
    if (at_path(record, "error").is_null()) return out;
    out.push_back({"", harmless(text_at(record, "error.message"))});
    const Value& hint = at_path(record, "error.hint");
    if (!hint.is_null()) out.push_back({"", harmless(join({"hint: ", hint.text()}))});
    return out;
}

Details details_of(const View& view, const Value& record) {
    Details out = details_of_error(record);
    if (passed_through(record)) {
        // What failed then, and what was to be done then, may be true no longer.
        if (out.empty()) return out;
        if (out.size() > 1) out.pop_back();
        out.push_back({"", "hint: this is what its record says; --include-failed asks it again"});
        return out;
    }
    if (view.details)
        for (Detail& detail : view.details(record))
            out.push_back({harmless(std::move(detail.label)), harmless(std::move(detail.text))});
    for (const Value& warning : at_path(record, "warnings").items())
        out.push_back({"", harmless(join({"warning: ", warning.text()}))});
    return out;
}

std::string words_of_summary(const Value& summary) {
    const auto count = [&](const char* key) { return at_path(summary, key).integer(); };
    const auto number = [&](const char* key) { return std::to_string(count(key)); };
    std::vector<std::pair<std::string, std::int64_t>> classes;
    for (const auto& [name, failures] : at_path(summary, "classes").members())
        classes.emplace_back(name, failures.integer());
    std::string out =
        join({number("targets"), count("targets") == 1 ? " target: " : " targets: ", number("ok"),
              " ok", in_parentheses({{"changed", count("changed")}}), ", ", number("failed"),
              " failed", in_parentheses(classes)});
    if (count("skipped") > 0) out += join({", ", number("skipped"), " of them skipped"});
    if (count("not_started") > 0) out += join({", ", number("not_started"), " not started"});
    if (!at_path(summary, "silent").is_null()) out += join({", ", number("silent"), " silent"});
    return harmless(std::move(out));
}

}  // namespace oob::report
