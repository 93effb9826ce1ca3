#include "report/grouped.h"

#include "core/target.h"
#include "core/target_fold.h"
#include "core/text.h"
#include "report/table.h"
#include "report/width.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace oob::report {

namespace {

constexpr std::size_t indent_of_targets = 2;  // in further lines
constexpr std::string_view hash_begin = "sha256:";
constexpr std::size_t hash_digits = 64;

bool failed(const Value& record) { return !at_path(record, "ok").truth(); }

/// Letters and digits of every script, and what joins them to names.
bool belongs_to_a_name(char c) {
    return static_cast<unsigned char>(c) >= 0x80 || c == '-' || c == '_' ||
           (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// The text with `word` wherever `name` stands by itself.
std::string replaced(std::string text, std::string_view name, std::string_view word) {
    if (name.empty()) return text;
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
        const std::size_t end = at + name.size();
        const bool begins = at == 0 || (!belongs_to_a_name(text[at - 1]) && text[at - 1] != '.');
        const bool ends = end == text.size() || !belongs_to_a_name(text[end]);
        if (begins && ends) text.replace(at, name.size(), word);
        at += begins && ends ? word.size() : 1;
    }
    return text;
}

/// The fingerprints of keys are different for each device, and named in many a hint.
std::string without_hashes(std::string text) {
    for (auto at = text.find(hash_begin); at != std::string::npos; at = text.find(hash_begin, at)) {
        at += hash_begin.size();
        const auto end = std::min(text.find_first_not_of("0123456789abcdef", at), text.size());
        if (end - at == hash_digits) text.replace(at, hash_digits, "HEX");
    }
    return text;
}

std::string without_names_of(std::string text, const Value& record) {
    text = without_hashes(std::move(text));
    if (const auto target = parse_target(at_path(record, "target").text())) {
        text = replaced(std::move(text), target->text, "TARGET");
        text = replaced(std::move(text), target->host, "HOST");
    }
    text = replaced(std::move(text), at_path(record, "device.address").text(), "HOST");
    text = replaced(std::move(text), at_path(record, "device.name").text(), "HOST");
    return replaced(std::move(text), at_path(record, "device.uuid").text(), "UUID");
}

}  // namespace

/// One outcome speaks for itself, several need their headings: "on", "trust new, key sha256:…".
Groups::Outcome Groups::outcome_of(const View& view, const Value& record) {
    if (failed(record)) return {harmless(result_of(record)), details_of_error(record)};
    const std::vector<std::string> cells = cells_of(view, record);
    const auto is_outcome = [](const Column& column) {
        return column.kind == Column::Kind::outcome;
    };
    const bool alone = std::ranges::count_if(view.columns, is_outcome) == 1;
    Outcome out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (!is_outcome(view.columns[i]) || cells[i].empty() || cells[i] == "-") continue;
        if (!out.words.empty()) out.words += ", ";
        if (!alone) out.words += lower(view.columns[i].heading) + " ";
        out.words += cells[i];
    }
    const std::string result = harmless(result_of(record));
    if (out.words.empty() || result != "ok")
        out.words += join({out.words.empty() ? "" : ", ", result});
    out.details = details_of(view, record);
    return out;
}

/// Words of ours name the device; what a device answered is left as it is.
Groups::Outcome Groups::without_names(Outcome outcome, const Value& record) {
    const bool planned = at_path(record, "dry_run").truth();
    if (!failed(record) && !planned) return outcome;
    outcome.words = without_names_of(std::move(outcome.words), record);
    if (failed(record))
        for (Detail& each : outcome.details)
            each.text = without_names_of(std::move(each.text), record);
    return outcome;
}

void Groups::add(const View& view, const Value& record, std::optional<std::size_t> place) {
    const std::size_t number = place.value_or(std::numeric_limits<std::size_t>::max());
    Outcome outcome = outcome_of(view, record);
    const auto [group, is_new] = groups_.try_emplace(without_names(outcome, record));
    if (is_new) group->second = {number, std::move(outcome), {}};
    group->second.first = std::min(group->second.first, number);
    group->second.targets.push_back(harmless(short_target(text_at(record, "target"))));
}

std::string Groups::text(std::size_t limit) const {
    std::vector<std::pair<const Outcome*, const Group*>> order;
    for (const auto& [outcome, group] : groups_) order.emplace_back(&outcome, &group);
    // Where no order of targets is known, that of the words.
    std::ranges::sort(order, [](const auto& a, const auto& b) {
        return std::tie(a.second->first, *a.first) < std::tie(b.second->first, *b.first);
    });
    std::string out;
    for (const auto& [common, group] : order) {
        const Outcome& outcome = group->targets.size() == 1 ? group->as_told : *common;
        const std::size_t room =
            limit == unlimited ? limit : limit - std::min(limit, indent_of_targets);
        std::string line = outcome.words + ":";
        for (const std::string& word : fold_targets(group->targets, room)) line += " " + word;
        out += wrapped(line, 0, indent_of_targets, limit) + "\n";
        out += details_text(outcome.details, limit);
    }
    return out;
}

}  // namespace oob::report
