#include "core/secret.h"

#include <utility>

namespace oob {

void cleanse(std::string& text) {
    text.resize(text.capacity());
    volatile char* byte = text.data();
    for (std::size_t i = 0; i < text.size(); ++i) byte[i] = 0;
    text.clear();
}

Secret::Secret(std::string&& text) : text_(text) { cleanse(text); }

// A moved std::string may leave a short text behind in its own buffer, so a move is a copy and a
// wipe.
Secret::Secret(Secret&& other) noexcept : text_(other.text_) { cleanse(other.text_); }

Secret& Secret::operator=(const Secret& other) {
    if (this == &other) return *this;
    cleanse(text_);
    text_ = other.text_;
    return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    cleanse(text_);
    text_ = other.text_;
    cleanse(other.text_);
    return *this;
}

Secret::~Secret() { cleanse(text_); }

}  // namespace oob
