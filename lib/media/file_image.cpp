#include "media/file_image.h"

#include "core/error.h"
#include "core/text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace oob::media {

namespace {

constexpr std::size_t spool_bytes = std::size_t{256} * 1024;

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view why) {
    fail(Class::config, "config.image",
         join({"the image cannot be used: ", path.string(), ": ", why}),
         "a file or a block device that holds a whole disk");
    std::unreachable();
}

/// All of it, or the reason.
Result<void> write_at(int file, std::uint64_t offset, View bytes) {
    while (!bytes.empty()) {
        const ssize_t count =
            ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0)
            return std::unexpected(
                Error(Class::config, "media.write",
                      join({"the image cannot be written: ", std::strerror(errno)}),
                      "is the disk full?"));
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    return {};
}

}  // namespace

net::Task<void> Image::write(std::uint64_t, View) {
    fail(Class::config, "media.read_only", "the image is not to be written");
    co_return;
}

Descriptor unnamed_file() {
    const char* folder = std::getenv("TMPDIR");
    std::string path = join({folder && *folder ? folder : "/tmp", "/oob-XXXXXX"});
    const int file = ::mkostemp(path.data(), O_CLOEXEC);
    if (file < 0)
        fail(Class::config, "config.spool",
             join({"no file can be made below ", path, ": ", std::strerror(errno)}),
             "TMPDIR chooses another folder");
    ::unlink(path.c_str());
    return Descriptor(file);
}

ImagePtr FileImage::open(const std::filesystem::path& path, bool writable) {
    // A pipe would make the opening wait for somebody to write.
    Descriptor file(::open(path.c_str(), (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK));
    if (!file) refuse(path, std::strerror(errno));
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) refuse(path, std::strerror(errno));
    if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode))
        refuse(path, "neither a file nor a block device");
    const off_t size = ::lseek(file.get(), 0, SEEK_END);
    if (size < 0) refuse(path, std::strerror(errno));
    if (size == 0) refuse(path, "it is empty");
    return std::make_shared<FileImage>(std::move(file), static_cast<std::uint64_t>(size), writable);
}

net::Task<ImagePtr> FileImage::spool(net::Input& input) {
    Descriptor file = unnamed_file();
    Bytes chunk(spool_bytes);
    std::uint64_t size = 0;
    while (const std::size_t count = co_await input.read_some(chunk)) {
        take(write_at(file.get(), size, View(chunk).first(count)));
        size += count;
    }
    if (size == 0) refuse("standard input", "it is empty");
    co_return std::make_shared<FileImage>(std::move(file), size, false);
}

net::Task<void> FileImage::read(std::uint64_t offset, std::span<std::byte> into) {
    while (!into.empty()) {
        const ssize_t count =
            ::pread(file_.get(), into.data(), into.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0)
            fail(Class::config, "media.read",
                 count == 0 ? std::string("the image became shorter")
                            : join({"the image cannot be read: ", std::strerror(errno)}),
                 "was the file replaced while it was mounted?");
        into = into.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    co_return;
}

net::Task<void> FileImage::write(std::uint64_t offset, View bytes) {
    if (!writable_) fail(Class::config, "media.read_only", "the image is not to be written");
    take(write_at(file_.get(), offset, bytes));
    co_return;
}

}  // namespace oob::media
