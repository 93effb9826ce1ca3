#pragma once

#include "codec/http/message.h"
#include "net/stream.h"
#include "plane/discovery/sighting.h"

#include <string>

namespace oob::plane::discovery {

/// One request without credentials over a fresh connection. Throws Failure: http.*, connect.reset,
/// tls.read.
net::Task<codec::http::Response> get(net::Stream& stream, codec::http::Request request,
                                     std::string host);

/// What a web server of AMT says, to the request for its index page, which needs a login (reference
/// discovery-posture, sections 2.2 to 2.4). For another web server no kind is set.
Face amt_face(const codec::http::Response& response, Value service);

/// What the root of Redfish, or of another web server, says (sections 4.1 and 4.4).
Face redfish_face(const codec::http::Response& response, Value service);

}  // namespace oob::plane::discovery
