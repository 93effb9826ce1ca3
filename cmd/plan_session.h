#pragma once

#include "core/value.h"

#include <string>
#include <string_view>

namespace oob::cmd {

/// What opening a redirection session would do before it is open, in words that others follow;
/// empty when the way is free. `status` is what the capability's status() says, `kind` the name of
/// what has to be switched on. Throws Failure as the opening would: precondition.redirection,
/// session_busy.redirection.
std::string plan_session(const Value& status, std::string_view kind, bool enable,
                         bool close_sessions);

}  // namespace oob::cmd
