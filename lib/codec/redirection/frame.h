#pragma once

#include "codec/redirection/code.h"
#include "core/error.h"

#include <cstddef>
#include <optional>

namespace oob::codec::redirection {

/// Who a stream comes from.
enum class Side { client, device };

/// Cuts a stream of bytes into messages, whose length follows from their code alone (reference
/// redirection, section 2.1). Nothing depends on how the bytes arrive.
class Framer {
 public:
    /// The longest login that is read; other messages are limited by their own length fields.
    static constexpr std::size_t most_login = 4096;

    explicit Framer(Side from) : from_(from) {}

    /// Takes bytes that arrived; what next() returned before is void then.
    void feed(View bytes);
    /// The next whole message, or nothing until more bytes arrive. Errors: class `protocol`, code
    /// `redirection.code` for a code that this side never sends, whose length nobody knows,
    /// `redirection.too_long`. After an error the stream is of no use any more.
    Result<std::optional<View>> next();
    /// Bytes of a message that is not whole yet.
    std::size_t pending() const { return buffer_.size() - begin_; }

 private:
    Side from_;
    Bytes buffer_;
    std::size_t begin_ = 0;
    std::size_t zeros_ = 0;  // how many zero bytes may still belong to the message before
    bool first_ = true;
};

}  // namespace oob::codec::redirection
