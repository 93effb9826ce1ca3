#pragma once

#include "core/error.h"
#include "core/trace.h"

#include <cstdio>
#include <filesystem>
#include <memory>

namespace oob::cli {

/// --trace: a file to which every message is appended with its time, opened as open_private() does:
/// made with mode 0600, never through a link, and /dev/stderr is the standard error that we have.
class TraceFile final : public Trace {
 public:
    /// Error: class `config`, code `config.trace`.
    static Result<std::unique_ptr<TraceFile>> open(const std::filesystem::path& path);
    ~TraceFile() override;

    /// Goes on in a new file of the same name; in the old one when that cannot be had.
    void reopen();
    void write(std::string_view peer, char arrow, std::string_view text) override;

 private:
    TraceFile(std::filesystem::path path, std::FILE* file) : path_(std::move(path)), file_(file) {}

    std::filesystem::path path_;
    std::FILE* file_;
};

}  // namespace oob::cli
