#pragma once

#include "core/bytes.h"
#include "core/descriptor.h"
#include "follow.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace oob::sol {

class LogFile;

/// How consoles are logged.
struct Logging {
    std::string file;  ///< a path; "{name}" in it is the target's name
    std::uint64_t rotate_bytes = std::uint64_t{10} << 20;  ///< 0: never
    unsigned keep = 5;                                     ///< files that were rotated away
    bool timestamps = true;
    plane::ConsoleWish wish;
    /// Files that consoles of this run are written to.
    std::map<std::filesystem::path, LogFile*> open{};
};

/// A file that takes what a console says, line by line with the time, and is put aside as FILE.1,
/// FILE.2 … when it has grown; opened as open_private() does. What is no file (/dev/stdout, a pipe)
/// is never put aside.
class LogFile {
 public:
    /// Appends. Throws Failure: config.log.
    LogFile(std::filesystem::path path, const Logging& logging);

    /// Throws Failure: config.log.
    void add(View bytes);
    /// A line of ours, which cannot be taken for one of the host's.
    void mark(const std::string& text);
    /// Goes on in a new file of the same name, when somebody has moved the old one away. Throws
    /// Failure: config.log.
    void reopen();

 private:
    void open();
    void rotate();
    bool is_full() const;
    void put(std::string_view text) { unwritten_ += text; }
    void flush();

    std::filesystem::path path_;
    const Logging& logging_;
    std::optional<Descriptor> file_;  // the one before, where a new one cannot be had
    bool rotates_ = false;            // it is a file that lies there under this name
    std::uint64_t size_ = 0;
    std::string unwritten_;
    bool at_line_start_ = true;
};

/// The path for a target of that name.
std::filesystem::path log_path(const std::string& pattern, const std::string& name);

/// Logs one console until the user wants the end. All outlive the task.
net::Task<void> log(plane::Device& device, Logging& logging, fleet::Attempt& attempt);

/// Opens every log file anew, for whoever moved the old ones away. Throws Failure config.log.
void reopen_all(Logging& logging);

}  // namespace oob::sol
