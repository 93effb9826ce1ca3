#pragma once

#include <string_view>

/// The exchange of reference wsman, section 7.2, byte for byte: a Get that is refused, and the same
/// with credentials. They are seeds of the fuzzers too.
namespace oob::embedded {

std::string_view http_request_get();
std::string_view http_reply_unauthorized();
std::string_view http_request_get_with_digest();
std::string_view http_reply_chunked();

}  // namespace oob::embedded
