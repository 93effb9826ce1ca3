#include "core/file.h"

#include "core/private_file.h"
#include "core/text.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace oob {

namespace {

/// A lock is waited for so often, two seconds in all.
constexpr int most_tries = 200;
constexpr unsigned between_tries_us = 10'000;
/// So long a pipe may stay silent.
constexpr int longest_silence_ms = 30'000;

std::unexpected<Error> failed(const std::string& code, std::string_view doing,
                              const std::filesystem::path& path, std::string_view reason) {
    return std::unexpected(Error(Class::config, code,
                                 join({"cannot ", doing, " ", path.string(), ": ", reason}),
                                 "check the path and its permissions"));
}

std::unexpected<Error> failed(const std::string& code, std::string_view doing,
                              const std::filesystem::path& path) {
    return failed(code, doing, path, std::strerror(errno));
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, const std::string& code,
                              std::size_t most_bytes) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return failed(code, "read", path);
    return read_open_file(file.get(), path, code, most_bytes);
}

Result<std::string> read_open_file(int descriptor, const std::filesystem::path& path,
                                   const std::string& code, std::size_t most_bytes) {
    std::string text;
    std::string chunk(64 * 1024, '\0');
    for (;;) {
        const ssize_t count = ::read(descriptor, chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno == EAGAIN) {
            pollfd readable{descriptor, POLLIN, 0};
            if (::poll(&readable, 1, longest_silence_ms) != 0) continue;
            return failed(code, "read", path, "nothing comes out of it");
        }
        if (count < 0) return failed(code, "read", path);
        if (count == 0) return text;
        text.append(chunk, 0, static_cast<std::size_t>(count));
        if (text.size() > most_bytes)
            return std::unexpected(Error(Class::config, code, path.string() + " is too large",
                                         join({"at most ", std::to_string(most_bytes), " bytes"})));
    }
}

bool is_missing(const std::filesystem::path& path) {
    std::error_code failed;
    return std::filesystem::symlink_status(path, failed).type() ==
           std::filesystem::file_type::not_found;
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
    auto file = open_private(path, Writing::appending);
    if (!file) return failed(code, "lock", path, file.error().reason);
    // Whoever holds it writes a file and lets go; a process that is stopped must not stop others.
    for (int tries = 0; ::flock(file->get(), LOCK_EX | LOCK_NB) != 0; ++tries) {
        if ((errno != EINTR && errno != EWOULDBLOCK) || tries == most_tries)
            return failed(code, "lock", path);
        ::usleep(between_tries_us);
    }
    return FileLock(*std::move(file));
}

}  // namespace oob
