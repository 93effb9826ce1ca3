#pragma once

#include "net/bell.h"

#include <utility>

namespace oob::net {

/// Lets one task at a time do what must not be interleaved, such as writing to a stream.
class Turns {
 public:
    /// Whoever has it may go on; it ends with its life.
    class Turn {
     public:
        explicit Turn(Turns& turns) : turns_(&turns) {}
        Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn() {
            if (turns_ == nullptr) return;
            turns_->taken_ = false;
            turns_->freed_.ring();
        }

     private:
        Turns* turns_;
    };

    /// The turns outlive the task and the Turn.
    Task<Turn> take() {
        while (taken_) co_await freed_.wait();
        taken_ = true;
        co_return Turn(*this);
    }

 private:
    Bell freed_;
    bool taken_ = false;
};

}  // namespace oob::net
