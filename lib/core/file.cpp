#include "core/file.h"

#include "core/descriptor.h"
#include "core/text.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace oob {

namespace {

/// A lock is waited for so often, two seconds in all.
constexpr int most_tries = 200;
constexpr unsigned between_tries_us = 10'000;

std::unexpected<Error> failed(const std::string& code, std::string_view doing,
                              const std::filesystem::path& path) {
    return std::unexpected(
        Error(Class::config, code,
              join({"cannot ", doing, " ", path.string(), ": ", std::strerror(errno)}),
              "check the path and its permissions"));
}

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, const std::string& code,
                              std::size_t most_bytes) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return failed(code, "read", path);
    std::string text;
    std::string chunk(64 * 1024, '\0');
    for (;;) {
        const ssize_t count = ::read(file.get(), chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed(code, "read", path);
        if (count == 0) return text;
        text.append(chunk, 0, static_cast<std::size_t>(count));
        if (text.size() > most_bytes)
            return std::unexpected(Error(Class::config, code, path.string() + " is too large",
                                         join({"at most ", std::to_string(most_bytes), " bytes"})));
    }
}

Result<void> replace_file(const std::filesystem::path& path, std::string_view text,
                          const std::string& code) {
    std::string temporary = path.string() + ".XXXXXX";
    const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));  // mode 0600
    if (!file) return failed(code, "write beside", path);
    if (!write_all(file.get(), text) || ::fsync(file.get()) != 0 ||
        ::rename(temporary.c_str(), path.c_str()) != 0) {
        const int reason = errno;
        ::unlink(temporary.c_str());
        errno = reason;
        return failed(code, "replace", path);
    }
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory) ::fsync(directory.get());
    return {};
}

Result<FileLock> FileLock::take(const std::filesystem::path& path, const std::string& code) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return failed(code, "lock", path);
    // Whoever holds it writes a file and lets go; a process that is stopped must not stop others.
    for (int tries = 0; ::flock(descriptor, LOCK_EX | LOCK_NB) != 0; ++tries) {
        if ((errno != EINTR && errno != EWOULDBLOCK) || tries == most_tries) {
            auto reason = failed(code, "lock", path);
            ::close(descriptor);
            return reason;
        }
        ::usleep(between_tries_us);
    }
    return FileLock(descriptor);
}

FileLock::~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<bool> readable_by_others(const std::filesystem::path& path, const std::string& code) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return failed(code, "read", path);
    return S_ISREG(status.st_mode) && (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

}  // namespace oob
