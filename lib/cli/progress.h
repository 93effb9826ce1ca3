#pragma once

#include "report/person.h"
#include "report/record.h"

#include <chrono>
#include <cstddef>
#include <string>

namespace oob::cli {

/// What is said on standard error while a run goes on: a bar on a terminal, or a record now and
/// then, or a line a device with --verbose.
class Progress {
 public:
    enum class Kind { none, bar, ndjson };

    /// `kind` as --progress says; "auto" is a bar on a terminal and nothing elsewhere.
    Progress(const std::string& kind, bool quiet, int verbose, std::string tool);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// One more device is done. Draws at most a few times a second.
    void finished(const report::Record& record, const report::Summary& so_far);

 private:
    void draw(const report::Summary& so_far);

    Kind kind_ = Kind::none;
    bool verbose_ = false;
    std::string tool_;
    report::StatusLine line_;
    std::chrono::steady_clock::time_point last_{};
};

}  // namespace oob::cli
