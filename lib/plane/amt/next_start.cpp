#include "plane/amt/next_start.h"

#include "codec/wsman/schema.h"
#include "net/deadline.h"
#include "plane/amt/boot_settings.h"

#include <string>
#include <vector>

namespace oob::plane::amt {

namespace wsman = codec::wsman;
using net::Task;

namespace {

/// IsNext of the boot configuration: 3 while it is armed for one start.
std::optional<bool> armed_among(const std::vector<wsman::Instance>& settings) {
    constexpr std::uint64_t for_one_start = 3;
    for (const auto& item : settings) {
        const auto* setting = wsman::find(item.members, "SettingData");
        if (!setting || wsman::text_of(setting->members, "InstanceID") != boot_configuration)
            continue;
        const auto next = wsman::number_of(item.members, "IsNext");
        if (next) return *next == 1 || *next == for_one_start;
    }
    return std::nullopt;
}

}  // namespace

bool NextStart::told() const {
    return armed || wsman::truth_of(settings, "OptionsCleared").has_value();
}

bool NextStart::waiting() const {
    // Options without the role stay as they are, whatever starts.
    return armed ? *armed : !wsman::truth_of(settings, "OptionsCleared").value_or(true);
}

bool NextStart::used() const {
    return !armed.value_or(false) && wsman::truth_of(settings, "OptionsCleared").value_or(true);
}

bool NextStart::pending() const { return armed.value_or(false) || anything_set(settings); }

Value NextStart::to_value() const {
    Value out;
    out.set("armed", armed ? Value(*armed) : Value());
    out.set("options", set_options(settings));
    const auto cleared = wsman::truth_of(settings, "OptionsCleared");
    out.set("options_cleared", cleared ? Value(*cleared) : Value());
    const std::string failure = last_failure(settings);
    out.set("last_failure", failure.empty() ? Value() : Value(failure));
    return out;
}

Task<NextStart> read_next_start(session::WsmanClient& client) {
    NextStart state;
    const auto settings = co_await client.get(take(wsman::resource_uri("AMT_BootSettingData")));
    state.settings = settings.members;
    auto roles = co_await net::attempt(
        client.enumerate(take(wsman::resource_uri("CIM_ElementSettingData"))));
    if (roles)
        state.armed = armed_among(*roles);
    else if (roles.error().kind != Class::unsupported)
        fail(roles.error());
    co_return state;
}

}  // namespace oob::plane::amt
