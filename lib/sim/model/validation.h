#pragma once

#include "sim/model/behaviour.h"

namespace oob::sim {

/// The members of a Put or a Create as the class's schema types them: a text that is no such
/// number, boolean or base64, or a missing required member, is a fault (reference wsman,
/// section 2.6). Members that the class does not have are left out.
std::expected<Members, Fault> validated(std::string_view class_name, const Members& body,
                                        bool required);

}  // namespace oob::sim
