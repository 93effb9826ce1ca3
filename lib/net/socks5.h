#pragma once

#include "core/bytes.h"
#include "net/dialer.h"

#include <chrono>
#include <string_view>

namespace oob::net {

/// The CONNECT request for an endpoint (RFC 1928, section 4): an address as such, anything else as
/// a name that the proxy looks up. Error: class `usage`, code `usage.host` for a name of more than
/// 255 bytes.
Result<Bytes> encode_socks5_connect(const Endpoint& endpoint);

/// What a reply's code means (RFC 1928, section 6): nothing for success, else an error of class
/// `connect`: connect.refused, connect.unreachable, connect.failed; `forbidden.proxy` for a rule of
/// the proxy; `timeout.connect` when a packet's life ended on the way.
Result<void> explain_socks5_reply(std::uint8_t code, const Endpoint& endpoint);

/// Connects through a SOCKS5 proxy (RFC 1928, without login). `to_proxy` reaches the proxy itself
/// within its own limit; the proxy then has `limit` for the connection. Throws Failure: those of
/// explain_socks5_reply(); connect.proxy when the proxy cannot be reached, speaks something else or
/// wants a login; resolve.proxy, timeout.proxy; those of `to_proxy` that are no fault of the proxy.
Dial socks5(Endpoint proxy, Dial to_proxy, std::chrono::milliseconds limit);

}  // namespace oob::net
