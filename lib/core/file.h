#pragma once

#include "core/descriptor.h"
#include "core/error.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace oob {

/// A whole file as text. Error: `code` of class `config` with the system's reason; larger than
/// `most_bytes` too.
Result<std::string> read_file(const std::filesystem::path& path, const std::string& code,
                              std::size_t most_bytes = 16 * 1024 * 1024);

/// The rest of a file that is open; `path` is for the error. A pipe that stays silent for half a
/// minute is one too.
Result<std::string> read_open_file(int descriptor, const std::filesystem::path& path,
                                   const std::string& code, std::size_t most_bytes);

/// True when nothing has that name. A link that leads nowhere, or what cannot be looked at, is
/// there: whoever goes on without it would miss what it says.
bool is_missing(const std::filesystem::path& path);

/// Replaces a file in one step: temporary file beside it, sync, rename; mode 0600. A crash leaves
/// the old one.
Result<void> replace_file(const std::filesystem::path& path, std::string_view text,
                          const std::string& code);

/// An advisory lock on `path` for as long as it lives; the file is made when it is missing, as
/// open_private() does. Waits for its turn.
class FileLock {
 public:
    static Result<FileLock> take(const std::filesystem::path& path, const std::string& code);

 private:
    explicit FileLock(Descriptor file) : file_(std::move(file)) {}
    Descriptor file_;
};

}  // namespace oob
