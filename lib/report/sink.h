#pragma once

#include "core/value.h"
#include "report/grouped.h"
#include "report/ordered_rows.h"
#include "report/record.h"
#include "report/table.h"
#include "report/view.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace oob::report {

enum class Format { table, grouped, ndjson, json };

/// Where people read: how wide it is, and what tells the time there.
struct Screen {
    std::size_t width = unlimited;
    OrderedRows::Clock clock = [] { return std::chrono::steady_clock::now(); };
};

/// Where records go: as lines while they arrive, as one JSON array, as the rows of a table, or as
/// groups at the end. A line is written whole.
class Sink {
 public:
    using Write = std::function<void(std::string_view)>;
    /// A tool's own text for a record, in place of the line or row; nothing for the usual form.
    using Render = std::function<std::optional<std::string>(const Value& record, Format format)>;

    /// `write` takes whole lines; write_to_stdout is the usual one.
    Sink(Format format, View view, Write write, Render render = {}, Screen screen = {});
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    /// A run that ends by a failure loses no record that came: see finish().
    ~Sink();

    /// Tells the name of a device that there will be a row of.
    void expect(std::string_view device);
    /// `place` is that of the target among all, from 0: rows stand in that order.
    void add(const Value& record, std::optional<std::size_t> place = {});
    /// The same, without a tree where lines are written.
    void add(const Record& record);
    /// Whether write_due() has anything to do.
    bool waits() const { return format_ == Format::table; }
    /// Writes rows that have waited long enough for others. To be called now and then.
    void write_due() { rows_.write_due(); }
    /// Writes what waits, groups, and the end of the array. Called again it does nothing.
    void finish();

 private:
    void write_row(std::string_view row);
    void tell_people(const Value& record, std::optional<std::size_t> place);

    Format format_;
    View view_;
    Write write_;
    Render render_;
    Screen screen_;
    std::size_t rendered_ = 0;
    std::size_t widest_device_ = 0;
    std::optional<Table> table_;  // from its first row on
    bool headed_ = false;
    OrderedRows rows_;
    Groups groups_;
    std::string summary_;  // in words
    std::string line_;     // of the record at hand
    bool first_ = true;
    bool finished_ = false;
};

/// Writes whole lines; false when standard output takes no more, `errno` says why. On a terminal
/// they are harmless_lines(), whoever made them (report/person.h); elsewhere byte for byte.
bool try_to_write(std::string_view text);
/// Ends the process because standard output takes no more: on a broken pipe as SIGPIPE does, on any
/// other error with status 70.
[[noreturn]] void end_without_output(int reason);
/// The same as try_to_write, or ends the process so.
void write_to_stdout(std::string_view text);
/// Byte for byte also on a terminal: the stream of a host's console, which belongs there, and our
/// own control sequences.
void write_exactly_to_stdout(std::string_view text);

}  // namespace oob::report
