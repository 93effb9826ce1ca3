#pragma once

#include "support/temporary_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace oob::fuzz {

/// A fuzzer's input as a file with mode 0600, in a folder that lasts as long as the program.
inline std::filesystem::path written(const std::string& name, std::string_view text) {
    static const test::TemporaryFolder folder;
    const auto path = folder.path() / name;
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const auto count = ::write(file, text.data(), text.size());
    ::close(file);
    if (count != static_cast<ssize_t>(text.size())) std::abort();
    return path;
}

}  // namespace oob::fuzz
