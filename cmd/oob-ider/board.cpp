#include "board.h"

#include "core/json.h"
#include "core/text.h"
#include "core/value.h"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace oob::ider {

namespace {

constexpr std::chrono::milliseconds between_bars{500};
constexpr std::chrono::milliseconds between_records{5'000};

std::string number(double value, const char* unit) {
    std::array<char, 48> out{};
    std::snprintf(out.data(), out.size(), "%.1f %s", value, unit);
    return out.data();
}

double mebibytes(std::uint64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

/// How long the host has not asked for anything.
std::chrono::milliseconds quiet_for(const media::Statistics& statistics) {
    if (statistics.commands == 0) return std::chrono::milliseconds(0);
    return std::chrono::duration_cast<std::chrono::milliseconds>(net::Clock::now() -
                                                                 statistics.last_command);
}

}  // namespace

Board::Board(const std::string& kind, bool quiet) : quiet_(quiet) {
    const char* terminal = std::getenv("TERM");
    const bool dumb = terminal != nullptr && std::strcmp(terminal, "dumb") == 0;
    if (kind == "ndjson")
        kind_ = Kind::ndjson;
    else if (kind == "auto" && !quiet && !dumb && ::isatty(STDERR_FILENO) != 0)
        kind_ = Kind::bar;
}

Board::Row::Row(Board& board, std::string name, const media::Statistics& statistics)
    : board_(board), name_(std::move(name)), statistics_(statistics) {
    board_.rows_.push_back(this);
}

Board::Row::~Row() { board_.rows_.remove(this); }

void Board::say(const std::string& text) {
    if (quiet_) return;
    line_.clear();
    report::tell(text);
}

void Board::tick() {
    if (kind_ == Kind::none || rows_.empty()) return;
    const auto now = net::Clock::now();
    const auto pause = kind_ == Kind::bar ? between_bars : between_records;
    if (now - last_ < pause) return;
    const double seconds = std::chrono::duration<double>(now - last_).count();
    last_ = now;
    if (kind_ == Kind::bar)
        draw(seconds);
    else
        print(seconds);
}

/// One line, whatever the number of devices; the last command is that of the one that asked last.
void Board::draw(double seconds) {
    std::uint64_t bytes = 0;
    std::uint64_t new_bytes = 0;
    std::uint64_t new_reads = 0;
    const Row* latest = rows_.front();
    for (Row* row : rows_) {
        const media::Statistics& now = row->statistics_;
        bytes += now.read_bytes;
        new_bytes += now.read_bytes - std::exchange(row->shown_bytes_, now.read_bytes);
        new_reads += now.reads - std::exchange(row->shown_reads_, now.reads);
        if (now.last_command > latest->statistics_.last_command) latest = row;
    }
    const auto quiet = quiet_for(latest->statistics_);
    const std::string who =
        rows_.size() == 1 ? latest->name_ : std::to_string(rows_.size()) + " devices";
    line_.show(
        join({who, "  ", number(mebibytes(bytes), "MiB"), "  ",
              number(mebibytes(new_bytes) / seconds, "MiB/s"), "  ",
              number(static_cast<double>(new_reads) / seconds, "reads/s"), "  ",
              latest->statistics_.last.empty() ? "waiting for the host" : latest->statistics_.last,
              quiet > std::chrono::seconds(1)
                  ? join({"  quiet for ", std::to_string(quiet.count() / 1000), " s"})
                  : std::string()}));
}

void Board::print(double seconds) {
    for (Row* row : rows_) {
        const media::Statistics& now = row->statistics_;
        const std::uint64_t bytes =
            now.read_bytes - std::exchange(row->shown_bytes_, now.read_bytes);
        Value out;
        out.set("schema", "oob/1")
            .set("type", "progress")
            .set("tool", "oob-ider")
            .set("target", row->name_)
            .set("read_bytes", now.read_bytes)
            .set("reads", now.reads)
            .set("bytes_per_second",
                 static_cast<std::uint64_t>(static_cast<double>(bytes) / seconds))
            .set("last_command", now.last.empty() ? Value() : Value(now.last))
            .set("quiet_ms", quiet_for(now).count());
        report::tell(to_json(out));
    }
}

}  // namespace oob::ider
