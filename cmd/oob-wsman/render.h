#pragma once

#include "codec/wsman/instance.h"
#include "core/value.h"

#include <optional>
#include <string>
#include <vector>

namespace oob::cmd {

/// An instance as `data` shows it: its properties, and "@class" first, because an enumeration may
/// return subclasses.
Value instance_value(const codec::wsman::Instance& instance);

/// {"xml":[…]}: the replies as they came.
Value xml_value(std::vector<std::string> replies);

/// --raw: the XML under data.xml, one reply a line; what failed is said on standard error.
std::optional<std::string> render_xml(const Value& record);

}  // namespace oob::cmd
