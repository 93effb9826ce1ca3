#pragma once

#include <unistd.h>

#include <utility>

namespace oob {

/// A file descriptor that is closed with it; a negative number is none.
class Descriptor {
 public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int get() const { return number_; }
    /// Leaves it to the caller to close.
    int release() { return std::exchange(number_, -1); }
    explicit operator bool() const { return number_ >= 0; }

 private:
    int number_;
};

}  // namespace oob
