#pragma once

#include "codec/wsman/message.h"

#include <cstdint>
#include <string_view>

namespace oob::sim {

/// A fault with the standard sentence of its subcode (reference wsman, section 2.14).
codec::wsman::Fault fault(std::string_view subcode, std::string_view detail = {});
/// The InternalError that carries "AMT-STATUS n".
codec::wsman::Fault status_fault(std::uint32_t pt_status);

inline constexpr std::string_view detail_missing_values =
    "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/MissingValues";
inline constexpr std::string_view detail_invalid_values =
    "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/InvalidValues";

}  // namespace oob::sim
