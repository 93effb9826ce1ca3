#pragma once

#include "sim/model/behaviour.h"

namespace oob::sim {

/// The members of a Put or a Create as the class's schema types them: a text that is no such
/// number, boolean or base64 is a fault (reference wsman, section 2.6). Members that the class does
/// not have are left out.
std::expected<Members, Fault> validated(std::string_view class_name, const Members& body);

/// A fault when a member that the class requires is not there. `instance` is what is written to:
/// firmware does not require a member that came with a later generation, and that it does not have
/// itself. Null for an instance that is made.
std::expected<void, Fault> require_members(std::string_view class_name, const Members& members,
                                           const Members* instance);

}  // namespace oob::sim
