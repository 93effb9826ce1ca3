#pragma once

#include "core/error.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace oob {

/// A whole file as text. Error: `code` of class `config` with the system's reason; larger than
/// `most_bytes` too.
Result<std::string> read_file(const std::filesystem::path& path, const std::string& code,
                              std::size_t most_bytes = 16 * 1024 * 1024);

/// Replaces a file in one step: temporary file beside it, sync, rename; mode 0600. A crash leaves
/// the old one.
Result<void> replace_file(const std::filesystem::path& path, std::string_view text,
                          const std::string& code);

/// An advisory lock on `path` for as long as it lives; the file is made when it is missing. Waits
/// for its turn.
class FileLock {
 public:
    static Result<FileLock> take(const std::filesystem::path& path, const std::string& code);
    FileLock(FileLock&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
    FileLock& operator=(FileLock&&) = delete;
    ~FileLock();

 private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

/// True when the group or others may read the file: then no secret may stand in it.
Result<bool> readable_by_others(const std::filesystem::path& path, const std::string& code);

}  // namespace oob
