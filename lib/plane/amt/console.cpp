#include "plane/amt/console.h"

#include "codec/wsman/schema.h"
#include "core/text.h"
#include "plane/amt/consent.h"
#include "session/sol_session.h"

#include <utility>

namespace oob::plane::amt {

namespace wsman = codec::wsman;
using net::Task;

namespace {

constexpr std::string_view service = "AMT_RedirectionService";
/// EnabledState and RequestedState: a base and a bit for each kind (reference redirection, section
/// 1.3).
constexpr std::uint64_t none = 32768;
constexpr std::uint64_t ider_bit = 1;
constexpr std::uint64_t sol_bit = 2;

class SolLink final : public ConsoleLink {
 public:
    explicit SolLink(session::RedirectionSession session) : session_(std::move(session)) {}

    Task<void> start() { return session_.start(); }
    Task<std::optional<View>> read() override { return session_.read(); }
    Task<void> type(View bytes) override { return session_.type(bytes); }
    Task<void> write_loop() override { return session_.write_loop(); }
    void finish() override { session_.finish(); }
    std::optional<bool> host_on() const override { return session_.host_on(); }

 private:
    session::SolSession session_;
};

}  // namespace

SerialConsole::SerialConsole(session::WsmanClient& client, PowerSwitch& power,
                             session::RedirectionSession::Account account, bool secured,
                             Connect connect)
    : client_(client),
      power_(power),
      account_(std::move(account)),
      secured_(secured),
      connect_(std::move(connect)) {}

/// Reads what is on, switches on what is missing, and reads it back.
Task<void> SerialConsole::enable(std::vector<std::string>& changed) {
    const std::string uri = take(wsman::resource_uri(service));
    wsman::Instance now = co_await client_.get(uri);
    const std::uint64_t state = wsman::number_of(now.members, "EnabledState").value_or(none);
    const std::uint64_t kinds = state >= none ? state - none : 0;
    if ((kinds & sol_bit) == 0) {
        wsman::Members parameters;
        parameters.push_back(wsman::text_member(
            "RequestedState", std::to_string(none + ((kinds & ider_bit) | sol_bit))));
        const auto output =
            co_await client_.invoke(uri, "RequestStateChange", std::move(parameters));
        session::require_success(output, service, "RequestStateChange");
        changed.emplace_back("serial-over-LAN was switched on");
    }
    if (!wsman::truth_of(now.members, "ListenerEnabled").value_or(false)) {
        for (auto& member : now.members) {
            if (member.name == "ListenerEnabled") member.text = "true";
            if (member.name == "EnabledState")
                member.text = std::to_string(none + (kinds | sol_bit));
        }
        co_await client_.put(uri, {}, std::move(now.members));
        changed.emplace_back("the redirection listener was switched on");
    }
    const wsman::Instance after = co_await client_.get(uri);
    const std::uint64_t reached = wsman::number_of(after.members, "EnabledState").value_or(none);
    const bool on = reached >= none && ((reached - none) & sol_bit) != 0 &&
                    wsman::truth_of(after.members, "ListenerEnabled").value_or(false);
    if (!on)
        fail(Class::verify, "verify.redirection",
             "the device accepted it, but serial-over-LAN is still off",
             "is it switched off in the firmware set-up (MEBx)?");
}

Task<std::unique_ptr<ConsoleLink>> SerialConsole::open(ConsoleWish wish,
                                                       std::vector<std::string>& changed) {
    if (wish.enable) co_await enable(changed);
    if (wish.close_sessions)
        for (const std::string& kind : co_await power_.close_sessions())
            changed.push_back(join({"a session was ended: ", kind}));
    if (co_await consent_missing(client_)) {
        const PowerReading reading = co_await power_.read();
        co_await require_consent(client_, wish.consent_code, reading.power == "on");
    }
    net::StreamPtr stream = co_await connect_();
    auto link = std::make_unique<SolLink>(co_await session::RedirectionSession::open(
        std::move(stream), codec::redirection::Protocol::sol, account_, secured_));
    co_await link->start();
    co_return link;
}

}  // namespace oob::plane::amt
