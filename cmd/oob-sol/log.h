#pragma once

#include "core/bytes.h"
#include "follow.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace oob::sol {

/// How consoles are logged.
struct Logging {
    std::string file;  ///< a path; "{name}" in it is the target's name
    std::uint64_t rotate_bytes = std::uint64_t{10} << 20;  ///< 0: never
    unsigned keep = 5;                                     ///< files that were rotated away
    bool timestamps = true;
    plane::ConsoleWish wish;
    std::set<std::filesystem::path> taken{};  ///< files that consoles of this run are written to
};

/// A file that takes what a console says, line by line with the time, and is put aside as FILE.1,
/// FILE.2 … when it has grown.
class LogFile {
 public:
    /// Appends. Throws Failure: config.log.
    LogFile(std::filesystem::path path, const Logging& logging);

    /// Throws Failure: config.log.
    void add(View bytes);
    /// A line of ours, which cannot be taken for one of the host's.
    void mark(const std::string& text);

 private:
    void open();
    void rotate();
    void put(std::string_view text);

    std::filesystem::path path_;
    const Logging& logging_;
    std::ofstream file_;
    std::uint64_t size_ = 0;
    bool at_line_start_ = true;
};

/// The path for a target of that name.
std::filesystem::path log_path(const std::string& pattern, const std::string& name);

/// Logs one console until the user wants the end. All outlive the task.
net::Task<void> log(plane::Device& device, Logging& logging, cli::Interrupt& interrupt,
                    fleet::Attempt& attempt);

}  // namespace oob::sol
