#pragma once

#include "codec/http/message.h"

#include <string>
#include <string_view>

namespace oob::session {

/// A request's wire text with the digest answer and every password-like element of its XML blotted
/// out.
std::string redact(std::string_view wire);

/// A response as text for a trace: status line, fields, body; redacted likewise.
std::string describe(const codec::http::Response& response);

}  // namespace oob::session
