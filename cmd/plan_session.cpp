#include "plan_session.h"

#include "core/error.h"
#include "core/text.h"

namespace oob::cmd {

std::string plan_session(const Value& status, std::string_view kind, bool enable,
                         bool close_sessions) {
    const auto on = [&](const char* key) {
        const Value* value = status.find(key);
        return value && value->truth();
    };
    std::string out;
    const bool off = !on("enabled") || !on("listener");
    if (off && !enable)
        fail(Class::precondition, "precondition.redirection", join({kind, " is switched off"}),
             "--enable switches it on");
    if (off) out += join({"switch ", kind, " on, "});
    if (on("session") && !close_sessions)
        fail(Class::session_busy, "session_busy.redirection",
             "somebody else has such a session open", "--close-sessions ends it");
    if (close_sessions) out += "end the redirection sessions that are open, ";
    return out;
}

}  // namespace oob::cmd
