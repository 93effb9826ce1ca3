#pragma once

#include "core/descriptor.h"
#include "core/error.h"

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

/// Files that are for their owner alone: those that the tools write (logs, recordings, traces,
/// journals, locks), and those with secrets that they read.
namespace oob {

enum class Writing {
    anew,       ///< it must not be there yet
    appending,  ///< behind what is there; made when it is missing
    existing,   ///< the same, and it must be there; may be read as well
};

struct CannotOpen {
    int number;          ///< errno
    std::string reason;  ///< for a person
};

/// Opens a file to be written. One that is made has mode 0600; the mode of one that is there stays
/// its owner's choice. Refused are a symbolic link as the last part of the path, and a file of
/// another user's in a folder where anybody may write: either may have been laid there to divert or
/// read what is written. With `appending`, /dev/stdout, /dev/stderr, /dev/fd/N and /proc/self/fd/N
/// are what this process has open under that number.
std::expected<Descriptor, CannotOpen> open_private(const std::filesystem::path& path,
                                                   Writing writing);

/// All of the text; false with errno when that fails.
bool write_all(int descriptor, std::string_view text);

/// Opens a file to be read; one that is a pipe is not waited for. Error: `code` of class `config`.
Result<Descriptor> open_to_read(const std::filesystem::path& path, const std::string& code);

/// An error when the group or others may read or write the open file or pipe: a secret in it is
/// none, and whoever can write it chooses it (contract, section 6). `code` of class `config`.
Result<void> require_private(int descriptor, const std::filesystem::path& path,
                             const std::string& code);

/// Makes a folder with mode 0700 where there is none, and then require_private_folder().
Result<void> make_private_folder(const std::filesystem::path& path, const std::string& code);
/// An error when the folder is no folder (a link to one neither), belongs to another user, or may
/// be written by the group or others. `code` of class `config`.
Result<void> require_private_folder(const std::filesystem::path& path, const std::string& code);

}  // namespace oob
