#pragma once

#include "codec/http/message.h"
#include "core/bytes.h"
#include "core/error.h"

#include <cstddef>
#include <memory>

namespace oob::codec::http {

/// What a peer may send at most.
struct Limits {
    /// The start line and all fields; also the lines around one chunk, and the trailers.
    std::size_t header_bytes = std::size_t{16} * 1024;
    std::size_t body_bytes = std::size_t{4} * 1024 * 1024;
};

/// Turns bytes into one HTTP response, fed as they arrive. Errors are of class `protocol`:
/// `http.malformed`, `http.truncated`, `http.too_large` (with `limit_bytes` under native). The
/// first error stays. Nothing depends on how the bytes are cut. Interim replies such as 100
/// Continue are skipped.
class ResponseParser {
 public:
    explicit ResponseParser(Limits limits = {});
    ResponseParser(ResponseParser&&) noexcept;
    ResponseParser& operator=(ResponseParser&&) noexcept;
    ~ResponseParser();

    /// Takes bytes; returns how many of them belong to this message. Bytes after the end are left
    /// alone.
    Result<std::size_t> feed(View bytes);
    /// The peer closed: the end of a body without a length, or an error when something is missing.
    Result<void> end_of_stream();
    bool done() const;
    /// True before the first byte of the message.
    bool untouched() const;
    /// The message so far, once its header is complete; null before.
    const Response* so_far() const;
    /// The message; only once, after done().
    Response take();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// The same for a request; the device's side. Empty lines before it are skipped.
class RequestParser {
 public:
    explicit RequestParser(Limits limits = {});
    RequestParser(RequestParser&&) noexcept;
    RequestParser& operator=(RequestParser&&) noexcept;
    ~RequestParser();

    Result<std::size_t> feed(View bytes);
    bool done() const;
    bool untouched() const;
    /// The header is complete and holds "Expect: 100-continue", and the body has not arrived yet.
    bool wants_continue() const;
    Request take();

 private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace oob::codec::http
