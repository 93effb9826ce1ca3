#pragma once

#include "codec/http/message.h"

#include <string>
#include <string_view>

namespace oob::session {

/// The text of an HTTP message, or of the beginning of one, without secrets. Of logins
/// (Authorization, Authentication-Info) only what says how they are made is left; Basic's, tokens
/// and cookies are blotted out whole; in other fields, in the first line and in the body goes what
/// codec/wsman/redaction.h says. A text that does not begin like a message is taken for a body.
/// Linear in the length.
std::string redact(std::string_view wire);

/// A response as text for a trace: status line, fields, body; redacted likewise.
std::string describe(const codec::http::Response& response);

}  // namespace oob::session
