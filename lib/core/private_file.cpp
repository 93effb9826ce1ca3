#include "core/private_file.h"

#include "core/text.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <optional>

namespace oob {

namespace {

using Path = std::filesystem::path;

constexpr mode_t owner_only = 0600;
/// Standard input, output and error keep their numbers for those three.
constexpr int first_free = 3;

CannotOpen cannot_open(int number) { return {number, std::strerror(number)}; }

/// The number of a descriptor of this process that the path names.
std::optional<int> descriptor_named(std::string_view path) {
    if (path == "/dev/stdout") return STDOUT_FILENO;
    if (path == "/dev/stderr") return STDERR_FILENO;
    for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
        if (!path.starts_with(folder)) continue;
        const auto number = parse_unsigned(path.substr(folder.size()));
        if (number && *number <= std::numeric_limits<int>::max()) return static_cast<int>(*number);
    }
    return std::nullopt;
}

std::expected<Descriptor, CannotOpen> copy_of(int number) {
    const int flags = ::fcntl(number, F_GETFL);
    if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY)
        return std::unexpected(CannotOpen{EBADF, "it is not open for writing"});
    Descriptor copy(::fcntl(number, F_DUPFD_CLOEXEC, first_free));
    if (!copy) return std::unexpected(cannot_open(errno));
    return copy;
}

Path folder_of(const Path& path) { return path.has_parent_path() ? path.parent_path() : "."; }

/// Somebody else's file where anybody may lay one.
bool may_be_planted(const struct stat& file, const Path& path) {
    if (!S_ISREG(file.st_mode) || file.st_uid == ::geteuid()) return false;
    struct stat folder{};
    return ::stat(folder_of(path).c_str(), &folder) != 0 ||
           ((folder.st_mode & S_IWOTH) != 0 && file.st_uid != folder.st_uid);
}

std::expected<Descriptor, CannotOpen> open_existing(const Path& path, int flags) {
    Descriptor file(::open(path.c_str(), flags));
    if (!file) {
        const int number = errno;
        std::error_code unknown;
        if (number == ELOOP && std::filesystem::is_symlink(path, unknown))
            return std::unexpected(
                CannotOpen{number, "it is a symbolic link, which is not followed"});
        return std::unexpected(cannot_open(number));
    }
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return std::unexpected(cannot_open(errno));
    if (may_be_planted(status, path))
        return std::unexpected(
            CannotOpen{EACCES, "it belongs to another user, in a folder where anybody may write"});
    return file;
}

std::unexpected<Error> refuse(const std::string& code, std::string message, std::string hint) {
    return std::unexpected(Error(Class::config, code, std::move(message), std::move(hint)));
}

}  // namespace

std::expected<Descriptor, CannotOpen> open_private(const Path& path, Writing writing) {
    constexpr int always = O_APPEND | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW;
    if (writing == Writing::existing) return open_existing(path, O_RDWR | always);
    if (writing == Writing::appending)
        if (const auto number = descriptor_named(path.native())) return copy_of(*number);
    Descriptor made(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | always, owner_only));
    if (made) return made;
    if (errno != EEXIST || writing == Writing::anew) return std::unexpected(cannot_open(errno));
    return open_existing(path, O_WRONLY | always);
}

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(descriptor, text.data(), text.size());
        if (count < 0 && errno == EAGAIN) {
            // A terminal that somebody else has made non-blocking.
            pollfd writable{descriptor, POLLOUT, 0};
            if (::poll(&writable, 1, -1) < 0 && errno != EINTR) return false;
            continue;
        }
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

Result<Descriptor> open_to_read(const Path& path, const std::string& code) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    if (file) return file;
    return refuse(code, join({"cannot read ", path.string(), ": ", std::strerror(errno)}),
                  "check the path and its permissions");
}

Result<void> require_private(int descriptor, const Path& path, const std::string& code) {
    struct stat status{};
    if (::fstat(descriptor, &status) != 0)
        return refuse(code, join({"cannot read ", path.string(), ": ", std::strerror(errno)}),
                      "check the path and its permissions");
    if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode)) return {};
    const bool read = (status.st_mode & (S_IRGRP | S_IROTH)) != 0;
    const bool written = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    if (!read && !written) return {};
    const char* how = read && written ? "read and changed" : read ? "read" : "changed";
    return refuse(code, join({path.string(), " can be ", how, " by others, so it is not used"}),
                  "chmod 600 " + path.string());
}

Result<void> make_private_folder(const Path& path, const std::string& code) {
    constexpr mode_t folder_mode = 0700;
    std::error_code failed;
    std::filesystem::create_directories(folder_of(path), failed);
    if (::mkdir(path.c_str(), folder_mode) != 0 && errno != EEXIST)
        return refuse(code,
                      join({"cannot make the folder ", path.string(), ": ", std::strerror(errno)}),
                      "may the folder above it be written?");
    return require_private_folder(path, code);
}

Result<void> require_private_folder(const Path& path, const std::string& code) {
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0)
        return refuse(code, join({"cannot look at ", path.string(), ": ", std::strerror(errno)}),
                      "does it exist?");
    const auto wrong = [&](const char* what) {
        return refuse(code, join({path.string(), " ", what, ", so nothing in it is trusted"}),
                      "look at who made it (ls -ld), and remove it");
    };
    if (!S_ISDIR(status.st_mode)) return wrong("is no folder");
    if (status.st_uid != ::geteuid()) return wrong("belongs to another user");
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return wrong("can be changed by others");
    return {};
}

}  // namespace oob
