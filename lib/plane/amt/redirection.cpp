#include "plane/amt/redirection.h"

#include "codec/wsman/instance.h"
#include "codec/wsman/schema.h"
#include "core/text.h"
#include "net/deadline.h"
#include "plane/amt/consent.h"
#include "plane/amt/sessions.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace oob::plane::amt {

namespace wsman = codec::wsman;
using net::Task;

namespace {

constexpr std::string_view service = "AMT_RedirectionService";
/// EnabledState and RequestedState are this and the bits of the kinds.
constexpr std::uint64_t no_kinds = 32768;
constexpr std::chrono::milliseconds before_asking_again{2'000};

RedirectionState state_of(const wsman::Members& members) {
    RedirectionState out;
    const std::uint64_t state = wsman::number_of(members, "EnabledState").value_or(no_kinds);
    out.kinds = state >= no_kinds ? state - no_kinds : 0;
    out.listener = wsman::truth_of(members, "ListenerEnabled").value_or(false);
    return out;
}

const char* name_of(RedirectedKind kind) {
    return kind == RedirectedKind::sol ? "serial-over-LAN" : "IDE redirection";
}

/// Switches on what is missing.
Task<void> enable(session::WsmanClient& client, RedirectedKind kind,
                  std::vector<std::string>& changed) {
    const RedirectionState before = co_await redirection_state(client);
    if (before.has(kind) && before.listener) co_return;
    RedirectionState wanted = before;
    wanted.kinds |= static_cast<std::uint64_t>(kind);
    wanted.listener = true;
    co_await set_redirection(client, wanted);
    if (!before.has(kind)) changed.push_back(join({name_of(kind), " was switched on"}));
    if (!before.listener) changed.emplace_back("the redirection listener was switched on");
}

}  // namespace

Task<RedirectionState> redirection_state(session::WsmanClient& client) {
    const wsman::Instance now = co_await client.get(take(wsman::resource_uri(service)));
    co_return state_of(now.members);
}

Task<Value> redirection_status(session::WsmanClient& client, RedirectedKind kind) {
    const RedirectionState state = co_await redirection_state(client);
    const std::vector<std::string> open = co_await open_sessions(client);
    const char* word = kind == RedirectedKind::sol ? "sol" : "ider";
    Value out;
    out.set("enabled", state.has(kind))
        .set("listener", state.listener)
        .set("session", std::ranges::find(open, word) != open.end());
    co_return out;
}

Task<void> set_redirection(session::WsmanClient& client, RedirectionState state) {
    const std::string uri = take(wsman::resource_uri(service));
    wsman::Instance now = co_await client.get(uri);
    const RedirectionState before = state_of(now.members);
    const std::string wanted = std::to_string(no_kinds + state.kinds);
    if (before.kinds != state.kinds) {
        wsman::Members parameters;
        parameters.push_back(wsman::text_member("RequestedState", wanted));
        const auto output =
            co_await client.invoke(uri, "RequestStateChange", std::move(parameters));
        session::require_success(output, service, "RequestStateChange");
    }
    if (before.listener != state.listener) {
        for (auto& member : now.members) {
            if (member.name == "ListenerEnabled") member.text = state.listener ? "true" : "false";
            if (member.name == "EnabledState") member.text = wanted;
        }
        co_await client.put(uri, {}, std::move(now.members));
    }
    const RedirectionState after = co_await redirection_state(client);
    if (after.kinds != state.kinds || after.listener != state.listener)
        fail(Class::verify, "verify.redirection",
             "the device accepted it, but redirection is in another state",
             "is it switched off in the firmware set-up (MEBx)?");
}

Task<session::RedirectionSession> open_redirection(const RedirectionDoor& door,
                                                   codec::redirection::Protocol protocol) {
    // A session is seen by the device's users, and what is typed into it changes the host.
    if (door.changes) door.changes->pass();
    const auto once = [&]() -> Task<session::RedirectionSession> {
        session::Peer peer = co_await door.connect();
        co_return co_await session::RedirectionSession::open(std::move(peer), protocol,
                                                             door.account);
    };
    auto session = co_await net::attempt(once());
    if (session) co_return *std::move(session);
    if (session.error().kind != Class::session_busy) fail(std::move(session).error());
    co_await net::sleep_for(before_asking_again);
    co_return co_await once();
}

Task<void> clear_the_way(session::WsmanClient& client, PowerSwitch& power, Clearing clearing,
                         std::vector<std::string>& changed) {
    if (clearing.enable) co_await enable(client, clearing.kind, changed);
    if (clearing.close_sessions)
        for (const std::string& kind : co_await power.close_sessions())
            changed.push_back(join({"a session was ended: ", kind}));
    if (!co_await consent_missing(client)) co_return;
    const PowerReading reading = co_await power.read();
    co_await require_consent(client, clearing.consent_code, reading.power == "on");
}

}  // namespace oob::plane::amt
