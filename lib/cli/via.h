#pragma once

#include "core/error.h"
#include "net/dialer.h"

#include <string_view>

namespace oob::cli {

/// How devices are reached through what --via, a target or the inventory names:
/// "socks5:HOST:PORT", IPv6 in brackets. Nothing is connected yet; the options hold for the
/// connection to the proxy. Errors: `usage.via` for a text that makes no sense, `unsupported.via`
/// for a way that this version does not have.
Result<net::Dial> dial_through(std::string_view spec, const net::DialOptions& options);

}  // namespace oob::cli
