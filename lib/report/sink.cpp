#include "report/sink.h"

#include "core/json.h"
#include "core/text.h"
#include "report/person.h"
#include "report/width.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace oob::report {

namespace {

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

Sink::Sink(Format format, View view, Write write, Render render, Screen screen)
    : format_(format),
      view_(std::move(view)),
      write_(std::move(write)),
      render_(std::move(render)),
      screen_(std::move(screen)),
      rows_([this](std::string_view row) { write_row(row); }, screen_.clock) {}

Sink::~Sink() {
    if (rendered_ > 0 || !first_) finish();
}

void Sink::expect(std::string_view device) {
    if (format_ == Format::table)
        widest_device_ = std::max(widest_device_, display_width(harmless(std::string(device))));
}

void Sink::add(const Value& record, std::optional<std::size_t> place) {
    if (const auto text = render_ ? render_(record, format_) : std::nullopt) {
        ++rendered_;
        write_(*text);
        return;
    }
    if (format_ == Format::ndjson)
        write_(to_json(record) + "\n");
    else if (format_ == Format::json)
        write_((first_ ? "[\n" : ",\n") + to_json(record));
    else
        tell_people(record, place);
    first_ = false;
}

void Sink::tell_people(const Value& record, std::optional<std::size_t> place) {
    if (at_path(record, "type").text() == "summary") {
        summary_ = words_of_summary(record);
    } else if (format_ == Format::grouped) {
        groups_.add(view_, record, place);
    } else {
        if (!table_) table_.emplace(view_, widest_device_, screen_.width);
        rows_.add(place, table_->row(cells_of(view_, record), details_of(view_, record)));
    }
}

void Sink::write_row(std::string_view row) {
    if (std::exchange(headed_, true)) return write_(row);
    write_(table_->heading() + std::string(row));
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
    if (std::exchange(finished_, true)) return;
    if (format_ == Format::json && (rendered_ == 0 || !first_)) write_(first_ ? "[]\n" : "\n]\n");
    rows_.write_all();
    if (format_ == Format::grouped) write_(groups_.text(screen_.width));
    if (!summary_.empty()) write_(wrapped(summary_, 0, 0, screen_.width) + "\n");
}

}  // namespace oob::report
