#pragma once

#include "codec/http/digest.h"
#include "codec/http/message.h"

#include <chrono>
#include <string>
#include <string_view>

namespace oob::sim {

/// Everything that the firmware's HTTP server says by itself, header order included (reference
/// wsman, section 1.3).
namespace pages {

codec::http::Response unauthorized(std::string_view server,
                                   const codec::http::Challenge& challenge);
/// GET / and nothing else.
codec::http::Response to_logon(std::string_view server);
/// A page of the Web UI with a heading and a sentence.
codec::http::Response page(std::string_view server, std::string_view heading,
                           std::string_view text);
/// An HTML error page that ends the connection: 400, 404, 405, 500 to 599.
codec::http::Response error(std::string_view server, int status);
/// What a SOAP envelope is carried in, to be sent in chunks; a fault ends the connection.
codec::http::Response soap(std::string_view server, int status, std::string envelope,
                           std::chrono::system_clock::time_point now);

}  // namespace pages

}  // namespace oob::sim
