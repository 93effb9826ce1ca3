#pragma once

#include "core/bytes.h"
#include "net/task.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace oob::media {

/// The bytes of a disk, wherever they are. One image may serve many drives at once.
class Image {
 public:
    Image() = default;
    Image(const Image&) = delete;
    Image& operator=(const Image&) = delete;
    virtual ~Image() = default;

    virtual std::uint64_t size() const = 0;
    virtual bool writable() const { return false; }
    /// A read never waits for anybody else.
    virtual bool immediate() const { return false; }
    /// Fills `into` from `offset`; both lie within the size. Throws Failure: media.read, and what
    /// the way to the image throws.
    virtual net::Task<void> read(std::uint64_t offset, std::span<std::byte> into) = 0;
    /// Throws Failure: media.write, media.read_only.
    virtual net::Task<void> write(std::uint64_t offset, View bytes);
    /// Ends what goes on behind it; nothing may be read afterwards.
    virtual net::Task<void> close() { co_return; }
};

using ImagePtr = std::shared_ptr<Image>;

}  // namespace oob::media
