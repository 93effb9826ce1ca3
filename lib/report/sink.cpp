#include "report/sink.h"

#include "core/json.h"
#include "core/text.h"
#include "report/person.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace oob::report {

namespace {

/// A table is printed when this many rows wait, so that its memory does not grow with the fleet.
constexpr std::size_t most_rows = 10'000;

bool try_to_write_exactly(std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace

bool try_to_write(std::string_view text) {
    const bool shown = ::isatty(STDOUT_FILENO) != 0;
    return try_to_write_exactly(shown ? std::string_view(harmless_lines(text)) : text);
}

void end_without_output(int reason) {
    if (reason == EPIPE) {
        // Whoever has something to restore has a handler of its own.
        struct sigaction action{};
        if (::sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
            std::signal(SIGPIPE, SIG_DFL);
        std::raise(SIGPIPE);
    }
    tell(join({"cannot write to standard output: ", std::strerror(reason)}));
    std::_Exit(70);
}

void write_to_stdout(std::string_view text) {
    if (!try_to_write(text)) end_without_output(errno);
}

void write_exactly_to_stdout(std::string_view text) {
    if (!try_to_write_exactly(text)) end_without_output(errno);
}

void Sink::add(const Value& record) {
    if (const auto text = render_ ? render_(record, format_) : std::nullopt) {
        ++rendered_;
        write_(*text);
        return;
    }
    switch (format_) {
        case Format::ndjson:
            write_(to_json(record) + "\n");
            break;
        case Format::json:
            write_((first_ ? "[\n" : ",\n") + to_json(record));
            break;
        case Format::table:
            if (const Value* type = record.find("type"); type && type->text() == "summary") break;
            rows_.push_back(record);
            if (rows_.size() < most_rows) break;
            write_(render_table(columns_, rows_));
            rows_.clear();
            break;
    }
    first_ = false;
}

void Sink::add(const Record& record) {
    if (render_ || format_ != Format::ndjson) return add(to_value(record));
    line_.clear();
    append_json(line_, record);
    line_ += '\n';
    write_(line_);
    first_ = false;
}

void Sink::finish() {
    if (format_ == Format::json && (rendered_ == 0 || !first_)) write_(first_ ? "[]\n" : "\n]\n");
    if (format_ == Format::table && !rows_.empty()) write_(render_table(columns_, rows_));
}

}  // namespace oob::report
