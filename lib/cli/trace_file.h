#pragma once

#include "core/error.h"
#include "core/trace.h"

#include <cstdio>
#include <filesystem>
#include <memory>

namespace oob::cli {

/// --trace: a file, mode 0600, to which every message is appended with its time.
class TraceFile final : public Trace {
 public:
    /// Error: class `config`, code `config.trace`.
    static Result<std::unique_ptr<TraceFile>> open(const std::filesystem::path& path);
    ~TraceFile() override;

    void write(std::string_view peer, char arrow, std::string_view text) override;

 private:
    explicit TraceFile(std::FILE* file) : file_(file) {}
    std::FILE* file_;
};

}  // namespace oob::cli
