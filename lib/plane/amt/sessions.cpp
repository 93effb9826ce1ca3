#include "plane/amt/sessions.h"

#include "codec/wsman/schema.h"
#include "net/deadline.h"
#include "plane/amt/power_step.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace oob::plane::amt {

namespace wsman = codec::wsman;
using net::Task;

namespace {

/// Each open session is an association of its kind (reference wsman-classes, C4).
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kinds{
    {{"IPS_SolSessionUsingPort", "sol"},
     {"IPS_IderSessionUsingPort", "ider"},
     {"IPS_KvmSessionUsingPort", "kvm"}}};
constexpr std::size_t most_sessions = 64;

/// What is not there in this firmware is no failure.
template <class T>
bool lacks(const Result<T>& result) {
    return !result && (result.error().kind == Class::unsupported);
}

/// CIM_KVMRedirectionSAP is 2 (enabled) while a session is open, 6 (offline) while it waits.
Task<bool> screen_in_use(session::WsmanClient& client) {
    constexpr std::uint64_t in_use = 2;
    auto sap =
        co_await net::attempt(client.get(take(wsman::resource_uri("CIM_KVMRedirectionSAP"))));
    if (lacks(sap)) co_return false;
    co_return wsman::number_of(take(std::move(sap)).members, "EnabledState") == in_use;
}

/// Ends the sessions of one kind. Its ReturnValue says whether there were any; what counts is read
/// afterwards.
Task<void> terminate(session::WsmanClient& client, std::string class_name,
                     wsman::Members parameters) {
    const auto ended = co_await net::attempt(client.invoke(
        take(wsman::resource_uri(class_name)), "TerminateSession", std::move(parameters)));
    if (!ended && !lacks(ended)) fail(ended.error());
}

/// SessionType of AMT_RedirectionService.TerminateSession.
constexpr const char* ider_type = "0";
constexpr const char* sol_type = "1";

Task<void> terminate_type(session::WsmanClient& client, const char* type) {
    wsman::Members parameters;
    parameters.push_back(wsman::text_member("SessionType", type));
    return terminate(client, "AMT_RedirectionService", std::move(parameters));
}

}  // namespace

Task<std::vector<std::string>> open_sessions(session::WsmanClient& client) {
    std::vector<std::string> open;
    for (const auto& [class_name, word] : kinds) {
        const std::string uri = take(wsman::resource_uri(class_name));
        auto found = co_await net::attempt(client.enumerate(uri, most_sessions));
        if (lacks(found)) continue;
        if (!take(std::move(found)).empty()) open.emplace_back(word);
    }
    const bool screen = co_await screen_in_use(client);
    if (screen && std::ranges::find(open, "kvm") == open.end()) open.emplace_back("kvm");
    co_return open;
}

Task<std::vector<std::string>> close_sessions(session::WsmanClient& client) {
    std::vector<std::string> open = co_await open_sessions(client);
    co_await terminate_type(client, ider_type);
    co_await terminate_type(client, sol_type);
    co_await terminate(client, "IPS_KVMRedirectionSettingData", {});
    const std::vector<std::string> left = co_await open_sessions(client);
    if (!left.empty()) fail(session_busy(left));
    co_return open;
}

Task<void> close_disk_session(session::WsmanClient& client) {
    co_await terminate_type(client, ider_type);
    const std::vector<std::string> left = co_await open_sessions(client);
    if (std::ranges::find(left, "ider") != left.end()) fail(session_busy({"ider"}));
}

}  // namespace oob::plane::amt
