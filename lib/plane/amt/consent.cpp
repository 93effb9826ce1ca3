#include "plane/amt/consent.h"

#include "codec/wsman/schema.h"
#include "net/deadline.h"

#include <chrono>
#include <string>
#include <utility>

namespace oob::plane::amt {

namespace wsman = codec::wsman;
using net::Task;

namespace {

constexpr std::string_view service = "IPS_OptInService";

/// OptInState (reference wsman-classes, C4).
enum class OptIn : std::uint64_t { idle = 0, requested, displayed, received, in_session };

/// OptInRequired: everything, boot options among it.
constexpr std::uint64_t required_for_all = 0xffffffff;

struct Agreement {
    bool needed = false;
    OptIn state = OptIn::idle;
    bool given() const { return state == OptIn::received || state == OptIn::in_session; }
};

/// Firmware before 6 has no consent at all.
Task<Agreement> read_agreement(session::WsmanClient& client) {
    auto found = co_await net::attempt(client.get(take(wsman::resource_uri(service))));
    if (!found && found.error().kind == Class::unsupported) co_return Agreement{};
    const auto instance = take(std::move(found));
    Agreement agreement;
    agreement.needed = wsman::number_of(instance.members, "OptInRequired") == required_for_all;
    agreement.state =
        static_cast<OptIn>(wsman::number_of(instance.members, "OptInState").value_or(0));
    co_return agreement;
}

/// The code takes a moment to appear; a few seconds are enough.
Task<OptIn> wait_for_display(session::WsmanClient& client, OptIn state) {
    constexpr int most_looks = 25;
    constexpr std::chrono::milliseconds pause{200};
    for (int look = 0; look < most_looks && state == OptIn::requested; ++look) {
        co_await net::sleep_for(pause);
        const Agreement now = co_await read_agreement(client);
        state = now.state;
    }
    co_return state;
}

Task<void> send_code(session::WsmanClient& client, std::uint32_t code) {
    constexpr std::string_view method = "SendOptInCode";
    wsman::Members parameters;
    parameters.push_back(wsman::text_member("OptInCode", std::to_string(code)));
    const auto output = co_await client.invoke(take(wsman::resource_uri(service)),
                                               std::string(method), std::move(parameters));
    const auto value = wsman::number_of(output, "ReturnValue");
    if (value == 0) co_return;
    const auto number = static_cast<std::uint32_t>(value.value_or(0));
    fail(Error(Class::consent, "consent.wrong_code", "the device refused the consent code",
               "ask the machine's user to read it again; after three wrong ones it changes")
             .with("method", method)
             .with("return_value", value ? Value(number) : Value())
             .with("return_name", wsman::return_value_name(service, method, number)));
}

}  // namespace

Task<bool> consent_missing(session::WsmanClient& client) {
    const Agreement agreement = co_await read_agreement(client);
    co_return agreement.needed && !agreement.given();
}

Task<void> require_consent(session::WsmanClient& client, std::optional<std::uint32_t> code,
                           bool host_on) {
    const Agreement agreement = co_await read_agreement(client);
    if (!agreement.needed || agreement.given()) co_return;
    if (!host_on)
        fail(Class::consent, "consent.host_off",
             "the machine's user has to agree, but the host is not on to show a code",
             "switch it on first with 'oob-power on'");
    OptIn state = agreement.state;
    if (code && state == OptIn::requested) state = co_await wait_for_display(client, state);
    if (code && state == OptIn::displayed) {
        co_await send_code(client, *code);
        co_return;
    }
    if (state == OptIn::idle) {
        const auto output =
            co_await client.invoke(take(wsman::resource_uri(service)), "StartOptIn", {});
        session::require_success(output, service, "StartOptIn");
    }
    fail(Class::consent, "consent.required",
         code ? "the consent code is not valid any more; a new one appears on the host's screen"
              : "the machine's user has to agree; a code appears on the host's screen",
         "ask for the six digits and repeat with --consent-code");
}

}  // namespace oob::plane::amt
