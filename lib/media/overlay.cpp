#include "media/overlay.h"

#include "media/file_image.h"

#include <algorithm>
#include <utility>

namespace oob::media {

Overlay::Overlay(ImagePtr below)
    : below_(std::move(below)),
      above_(std::make_shared<FileImage>(unnamed_file(), below_->size(), true)),
      copied_((below_->size() + piece_bytes - 1) / piece_bytes) {}

net::Task<void> Overlay::read(std::uint64_t offset, std::span<std::byte> into) {
    while (!into.empty()) {
        const std::uint64_t piece = offset / piece_bytes;
        const std::size_t count =
            std::min<std::uint64_t>(into.size(), (piece + 1) * piece_bytes - offset);
        Image& image = copied_[piece] ? *above_ : *below_;
        co_await image.read(offset, into.first(count));
        into = into.subspan(count);
        offset += count;
    }
}

net::Task<void> Overlay::copy_piece(std::uint64_t piece) {
    const std::uint64_t begin = piece * piece_bytes;
    Bytes bytes(std::min(piece_bytes, size() - begin));
    co_await below_->read(begin, bytes);
    co_await above_->write(begin, bytes);
    copied_[piece] = true;
}

net::Task<void> Overlay::write(std::uint64_t offset, View bytes) {
    while (!bytes.empty()) {
        const std::uint64_t piece = offset / piece_bytes;
        const std::size_t count =
            std::min<std::uint64_t>(bytes.size(), (piece + 1) * piece_bytes - offset);
        if (!copied_[piece]) co_await copy_piece(piece);
        co_await above_->write(offset, bytes.first(count));
        bytes = bytes.subspan(count);
        offset += count;
    }
}

}  // namespace oob::media
