#pragma once

#include "codec/wsman/message.h"

#include <string>
#include <string_view>

/// Envelopes, one a file: the worked examples of reference wsman, sections 7.2 to 7.8, and requests
/// in the manner of other clients (sections 6.3 and 6.7).
namespace oob::codec::wsman {

/// The file vectors/<name>.xml without the line end behind the last tag.
std::string example(std::string_view name);

/// A decoded reply, ready to be encoded again.
DeviceReply device_reply(Operation operation, const Reply& reply, std::uint64_t message_number);

/// The reply in `xml`; the test fails when it is a fault or cannot be read.
Reply reply_in(Operation operation, std::string_view xml);
Fault fault_in(std::string_view xml);

/// `xml` with the common namespace declared behind the body's last one.
std::string with_common(std::string xml, char prefix);

}  // namespace oob::codec::wsman
