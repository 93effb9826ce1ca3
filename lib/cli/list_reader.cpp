#include "cli/list_reader.h"

#include "core/text.h"

#include <array>
#include <utility>

namespace oob::cli {

namespace {

/// What Windows programs put in front of a text in UTF-8.
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

std::unexpected<Error> ListReader::bad(std::string_view why) const {
    return std::unexpected(
        Error(Class::usage, "usage.input",
              join({"line ", std::to_string(in_ == In::between ? line_ : entry_line_), ": ", why}),
              "a record or a target a line, or one JSON array of records"));
}

Result<void> ListReader::feed(std::string_view text) {
    for (const char c : text) {
        if (mark_.size() < byte_order_mark.size()) {
            mark_ += c;
            if (byte_order_mark.starts_with(mark_)) continue;
            // It was none: what was held back is text like any other.
            const std::string held = std::exchange(mark_, std::string(byte_order_mark));
            if (auto fed = feed(held); !fed) return fed;
            continue;
        }
        if (auto added = add(c); !added) return added;
        if (c == '\n') ++line_;
    }
    return {};
}

Result<void> ListReader::add(char c) {
    if (in_ == In::between) return array_ ? in_array(c) : begin(c);
    if (in_ == In::line && c == '\n') return end_entry();
    if (entry_.size() >= longest_entry) return bad("the entry is longer than 16 MiB");
    entry_ += c;
    return in_ == In::record ? in_record(c) : Result<void>();
}

/// An entry, or an array of them, begins where none is open.
Result<void> ListReader::begin(char c) {
    if (maybe_array_) {
        if (is_blank(c) && behind_bracket_.size() < longest_entry) {
            behind_bracket_ += c;
            return {};
        }
        maybe_array_ = false;
        if (c == '{' || c == ']') {
            array_ = wants_record_ = true;
            return in_array(c);
        }
        if (c == '"') return bad("an array holds records, not texts");
        // No array: an address, or nothing that makes sense. It ends with its line.
        const std::string word = "[" + std::exchange(behind_bracket_, {});
        in_ = In::line;
        entry_ = word.substr(0, word.find('\n'));
        if (word.contains('\n')) {
            if (auto ended = end_entry(); !ended) return ended;
            return begin(c);
        }
        return add(c);
    }
    if (is_blank(c)) return {};
    entry_line_ = line_;
    if (c == '[') {
        maybe_array_ = true;
        behind_bracket_.clear();
        return {};
    }
    in_ = c == '{' ? In::record : In::line;
    depth_ = 0;
    in_text_ = escaped_ = false;
    return add(c);
}

Result<void> ListReader::in_array(char c) {
    if (is_blank(c)) return {};
    if (c == '{' && wants_record_) {
        wants_record_ = false;
        entry_line_ = line_;
        in_ = In::record;
        depth_ = 0;
        in_text_ = escaped_ = false;
        return add(c);
    }
    if (c == ',' && !wants_record_) {
        wants_record_ = true;
        return {};
    }
    if (c == ']') {
        array_ = false;
        return {};
    }
    return bad(wants_record_ ? "an array holds records: { is missing"
                             : "behind a record of an array stands , or ]");
}

/// Braces and brackets are counted outside of texts: the record ends with the one that began it.
Result<void> ListReader::in_record(char c) {
    if (in_text_) {
        if (!std::exchange(escaped_, !escaped_ && c == '\\') && c == '"') in_text_ = false;
        return {};
    }
    if (c == '"') in_text_ = true;
    if (c == '{' || c == '[') ++depth_;
    if ((c == '}' || c == ']') && --depth_ == 0) return end_entry();
    return {};
}

Result<void> ListReader::end_entry() {
    in_ = In::between;
    auto taken = take_(std::exchange(entry_, {}));
    if (taken) return {};
    taken.error().message =
        join({"line ", std::to_string(entry_line_), ": ", taken.error().message});
    return taken;
}

Result<void> ListReader::finish() {
    if (!mark_.empty() && mark_.size() < byte_order_mark.size())
        if (auto fed = feed(std::exchange(mark_, std::string(byte_order_mark))); !fed) return fed;
    if (maybe_array_) {
        maybe_array_ = false;
        in_ = In::line;
        entry_ = "[";
    }
    if (in_ == In::line) return end_entry();
    if (in_ == In::record) return bad("the record has no end");
    if (array_) return bad("the array has no end");
    return {};
}

Result<void> read_list(std::istream& in, ListReader::Take take) {
    ListReader reader(std::move(take));
    std::array<char, 64 * 1024> chunk{};
    while (in) {
        in.read(chunk.data(), chunk.size());
        const auto count = static_cast<std::size_t>(in.gcount());
        if (auto fed = reader.feed({chunk.data(), count}); !fed) return fed;
    }
    return reader.finish();
}

}  // namespace oob::cli
