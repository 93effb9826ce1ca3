#pragma once

#include "codec/wsman/message.h"
#include "core/value.h"

namespace oob::sim {

/// What the device understood, for tests and logs: operation, class, method, selectors, parameters
/// without secrets, return_value and fault.
Value journal_of(const codec::wsman::Request& request, const codec::wsman::DeviceReply* reply);
Value journal_of(const codec::wsman::Request& request, const codec::wsman::Fault& fault);
/// For a text that was no request.
Value journal_of(const codec::wsman::Fault& fault);

}  // namespace oob::sim
