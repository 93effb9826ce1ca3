#include "cli/progress.h"

#include "core/json.h"
#include "core/text.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace oob::cli {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_bars{100};
constexpr milliseconds between_records{1000};
constexpr std::size_t bar_width = 30;

bool terminal() {
    const char* kind = std::getenv("TERM");
    return ::isatty(STDERR_FILENO) != 0 && (!kind || std::string_view(kind) != "dumb");
}

std::size_t done(const report::Summary& summary) { return summary.ok + summary.failed; }

}  // namespace

Progress::Progress(const std::string& kind, bool quiet, int verbose, std::string tool)
    : verbose_(verbose > 0), tool_(std::move(tool)) {
    if (kind == "ndjson") kind_ = Kind::ndjson;
    // Records on the same terminal would run into the bar.
    if (kind == "auto" && !quiet && terminal() && ::isatty(STDOUT_FILENO) == 0) kind_ = Kind::bar;
}

void Progress::draw(const report::Summary& so_far) {
    const std::size_t total = so_far.targets == 0 ? 1 : so_far.targets;
    const std::size_t filled = bar_width * done(so_far) / total;
    line_.show(join({"[", std::string(filled, '#'), std::string(bar_width - filled, '.'), "] ",
                     std::to_string(done(so_far)), "/", std::to_string(so_far.targets), ", ",
                     std::to_string(so_far.failed), " failed"}));
}

void Progress::finished(const report::Record& record, const report::Summary& so_far) {
    if (verbose_) {
        line_.clear();
        report::tell(join({tool_, ": ", record.target, ": ", record.ok ? "ok" : record.error->code,
                           ", ", std::to_string(record.duration.count()), " ms"}));
    }
    const auto now = std::chrono::steady_clock::now();
    const bool last = done(so_far) == so_far.targets;
    if (kind_ == Kind::none ||
        (!last && now - last_ < (kind_ == Kind::bar ? between_bars : between_records)))
        return;
    last_ = now;
    if (kind_ == Kind::bar) {
        draw(so_far);
        return;
    }
    Value line;
    line.set("schema", "oob/1")
        .set("type", "progress")
        .set("tool", tool_)
        .set("targets", so_far.targets);
    line.set("done", done(so_far))
        .set("failed", so_far.failed)
        .set("duration_ms", so_far.duration.count());
    report::tell(to_json(line));
}

}  // namespace oob::cli
