#pragma once

#include "core/error.h"

#include <string>
#include <string_view>

namespace oob::net {

/// What went wrong on the way to a proxy or bastion, told so that nobody looks for it at the device
/// behind it: "the SOCKS5 proxy gate:1080 cannot be reached: gate:1080 refused the connection".
/// Codes of the classes connect, resolve and timeout end in `kind` ("proxy", "bastion"); an error
/// of another class, which is no fault of that place, stays as it is.
Error at_stopover(Error error, std::string_view place, std::string_view kind, std::string hint);

}  // namespace oob::net
