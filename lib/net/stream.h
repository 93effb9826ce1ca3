#pragma once

#include "core/bytes.h"
#include "net/task.h"

#include <cstddef>
#include <memory>
#include <span>

namespace oob::net {

/// A connection that carries bytes both ways: TCP, TLS over another stream, a channel of SSH.
/// A member coroutine's owner must outlive it. One reader and one writer at a time.
class Stream {
 public:
    Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    virtual ~Stream() = default;

    /// At least one byte, or zero at the peer's orderly end. Throws Failure: connect.reset,
    /// tls.read.
    virtual Task<std::size_t> read_some(std::span<std::byte> buffer) = 0;
    /// All of the bytes. Throws Failure: connect.reset, tls.write; timeout.write when the peer
    /// takes none of them for too long.
    virtual Task<void> write(View bytes) = 0;
    /// Ends the connection now; a pending read or write fails.
    virtual void close() = 0;
    /// Ends it rudely where the transport can (a TCP reset); otherwise like close().
    virtual void reset() { close(); }
};

using StreamPtr = std::unique_ptr<Stream>;

/// Fills the buffer; false when the stream ends before. Both outlive the task. Throws what the
/// stream throws.
inline Task<bool> read_exactly(Stream& stream, std::span<std::byte> buffer) {
    while (!buffer.empty()) {
        const std::size_t count = co_await stream.read_some(buffer);
        if (count == 0) co_return false;
        buffer = buffer.subspan(count);
    }
    co_return true;
}

}  // namespace oob::net
