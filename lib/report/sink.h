#pragma once

#include "core/value.h"
#include "report/record.h"
#include "report/table.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oob::report {

enum class Format { table, ndjson, json };

/// Where records go: as lines while they arrive, as one JSON array, or as a table at the end. The
/// only writer of standard output. A line is written whole.
class Sink {
 public:
    using Write = std::function<void(std::string_view)>;
    /// A tool's own text for a record, in place of the line or row; nothing for the usual form.
    using Render = std::function<std::optional<std::string>(const Value& record, Format format)>;

    /// `write` takes whole lines; write_to_stdout is the usual one.
    Sink(Format format, std::vector<Column> columns, Write write, Render render = {})
        : format_(format),
          columns_(std::move(columns)),
          write_(std::move(write)),
          render_(std::move(render)) {}

    void add(const Value& record);
    /// The same, without a tree where lines are written.
    void add(const Record& record);
    /// Ends the array or prints the table. Called once.
    void finish();

 private:
    Format format_;
    std::vector<Column> columns_;
    Write write_;
    Render render_;
    std::size_t rendered_ = 0;
    std::vector<Value> rows_;  // of the table
    std::string line_;         // of the record at hand
    bool first_ = true;
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
