#pragma once

#include "board.h"
#include "fleet/runner.h"
#include "images.h"
#include "plane/device.h"

#include <chrono>
#include <optional>

namespace oob::ider {

/// What `serve` and `boot` were asked for.
struct Order {
    plane::MediaWish wish;                              ///< without the images
    bool boot = false;                                  ///< restart the host from the image
    bool may_ask = false;                               ///< for the consent code, on the terminal
    std::optional<std::chrono::milliseconds> idle;      ///< end when the host is quiet for so long
    std::optional<std::chrono::milliseconds> duration;  ///< end after so long
};

/// What all devices of a run share.
struct Shared {
    Images& images;
    Board& board;
};

/// Lends the images to one host until the end, and writes down what it did with them. All outlive
/// the task.
net::Task<void> lend(plane::Device& device, Order order, Shared shared, fleet::Attempt& attempt);

/// The plane's disks. Throws Failure unsupported.media.
plane::Media& media_of(plane::Device& device);

}  // namespace oob::ider
