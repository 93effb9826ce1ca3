#pragma once

#include "core/descriptor.h"
#include "media/image.h"
#include "net/input.h"

#include <filesystem>

namespace oob::media {

/// A file or a block device. It is read through the page cache and not mapped: a file that is cut
/// short under a mapping kills the process, and a read that fails is an answer to the host.
class FileImage final : public Image {
 public:
    /// Throws Failure config.image with the system's reason; also for a folder, a pipe, or an empty
    /// file.
    static ImagePtr open(const std::filesystem::path& path, bool writable);
    /// All of an input, kept in a file without a name below $TMPDIR for as long as the image lives.
    /// Throws Failure config.image, config.input.
    static net::Task<ImagePtr> spool(net::Input& input);

    FileImage(Descriptor file, std::uint64_t size, bool writable)
        : file_(std::move(file)), size_(size), writable_(writable) {}

    std::uint64_t size() const override { return size_; }
    bool writable() const override { return writable_; }
    bool immediate() const override { return true; }
    net::Task<void> read(std::uint64_t offset, std::span<std::byte> into) override;
    net::Task<void> write(std::uint64_t offset, View bytes) override;

 private:
    Descriptor file_;
    std::uint64_t size_;
    bool writable_;
};

/// A file without a name below $TMPDIR. Throws Failure config.spool.
Descriptor unnamed_file();

}  // namespace oob::media
