#pragma once

#include "core/descriptor.h"
#include "media/image.h"

#include <vector>

namespace oob::media {

/// An image that may be written while the one below it stays as it is: what is written goes to a
/// file without a name, which is gone with the overlay.
class Overlay final : public Image {
 public:
    /// So much is copied when the first byte of it is written.
    static constexpr std::uint64_t piece_bytes = std::uint64_t{64} * 1024;

    /// Throws Failure config.spool.
    explicit Overlay(ImagePtr below);

    std::uint64_t size() const override { return below_->size(); }
    bool writable() const override { return true; }
    bool immediate() const override { return below_->immediate(); }
    net::Task<void> read(std::uint64_t offset, std::span<std::byte> into) override;
    net::Task<void> write(std::uint64_t offset, View bytes) override;

 private:
    net::Task<void> copy_piece(std::uint64_t piece);

    ImagePtr below_;
    ImagePtr above_;
    std::vector<bool> copied_;  // which pieces are above
};

}  // namespace oob::media
