#pragma once

#include "core/error.h"

#include <cstddef>
#include <functional>
#include <istream>
#include <string>
#include <string_view>

namespace oob::cli {

/// Cuts a list of targets and records into its entries, however it arrives: a record or a target a
/// line, records over several lines as `jq` prints them, or JSON arrays of records. Only one entry
/// is held at a time, so the list may be of any length. Whether an entry makes sense is decided by
/// whoever takes it.
class ListReader {
 public:
    using Take = std::function<Result<void>(std::string_view entry)>;

    /// No record of ours is longer.
    static constexpr std::size_t longest_entry = std::size_t{16} * 1024 * 1024;

    /// `take` is told of each entry: a whole JSON object, or a line as it is. What it fails with
    /// ends the reading.
    explicit ListReader(Take take) : take_(std::move(take)) {}

    /// Any part of the text, the next one behind the one before. Errors: class `usage`, code
    /// `usage.input`, and those of `take`; each message begins with the entry's line.
    Result<void> feed(std::string_view text);
    /// What came last has its end. Errors as above; an array or a record that is not closed too.
    Result<void> finish();

 private:
    enum class In { between, line, record };

    Result<void> add(char c);
    Result<void> begin(char c);
    Result<void> in_array(char c);
    Result<void> in_record(char c);
    Result<void> end_entry();
    std::unexpected<Error> bad(std::string_view why) const;

    Take take_;
    In in_ = In::between;
    std::string entry_;
    std::size_t line_ = 1;        // where the reading is
    std::size_t entry_line_ = 1;  // where the entry begins
    std::size_t depth_ = 0;       // of a record's braces and brackets
    bool in_text_ = false;        // of a record: between quotes
    bool escaped_ = false;        // behind a backslash there
    bool array_ = false;          // records stand in an array
    bool maybe_array_ = false;    // behind a [ that may begin an array, or an IPv6 address
    bool wants_record_ = false;   // in an array: at its beginning, or behind a comma
    std::string behind_bracket_;  // the blanks there
    std::string mark_;            // the first bytes, while they may be a mark of UTF-8
};

/// All of a stream. Errors: those of ListReader.
Result<void> read_list(std::istream& in, ListReader::Take take);

}  // namespace oob::cli
