#pragma once

#include "net/task.h"

#include <cstddef>
#include <memory>
#include <span>

namespace oob::net {

/// Standard input on the event loop: a terminal, a pipe or a file. Made and destroyed on the loop.
class Input {
 public:
    static Task<Input> standard();
    Input(Input&&) noexcept;
    ~Input();

    /// At least one byte, or zero at the end. Throws Failure: config.input.
    Task<std::size_t> read_some(std::span<std::byte> buffer);
    /// A pending read ends as if the input had.
    void close();

 private:
    struct Impl;
    explicit Input(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace oob::net
