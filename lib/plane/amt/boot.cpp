#include "plane/amt/boot.h"

#include "codec/wsman/boot_parameters.h"
#include "codec/wsman/schema.h"
#include "core/text.h"
#include "net/deadline.h"
#include "plane/amt/boot_settings.h"
#include "plane/amt/consent.h"

#include <algorithm>
#include <utility>

namespace oob::plane::amt {

namespace wsman = codec::wsman;
using net::Task;
using std::chrono::milliseconds;

namespace {

constexpr std::string_view settings_class = "AMT_BootSettingData";
constexpr std::string_view configuration_class = "CIM_BootConfigSetting";
// Roles of SetBootConfigRole (reference wsman-classes, C3).
constexpr std::string_view next_single_use = "1";
constexpr std::string_view not_next = "32768";

wsman::Members keyed(std::string_view instance_id) {
    wsman::Members selectors;
    selectors.push_back(wsman::text_member("InstanceID", std::string(instance_id)));
    return selectors;
}

std::string words_for(const BootWish& wish) {
    std::string out = join({"start once from ", boot_row(wish.device).name});
    if (wish.medium != 0) out += join({":", std::to_string(wish.medium)});
    if (wish.console) out += ", console over serial-over-LAN";
    return out;
}

}  // namespace

Task<Value> BootControl::read() {
    const NextStart state = co_await read_next_start(client_);
    const auto capabilities =
        co_await client_.get(take(wsman::resource_uri("AMT_BootCapabilities")));
    Value out = state.to_value();
    out.set("devices", offered_devices(capabilities.members));
    co_return out;
}

Task<void> BootControl::change_order(std::string source) {
    constexpr std::string_view method = "ChangeBootOrder";
    wsman::Members parameters;
    if (!source.empty())
        parameters.push_back(wsman::reference_member(
            "Source", take(wsman::resource_uri("CIM_BootSourceSetting")), keyed(source)));
    const auto output =
        co_await client_.invoke(take(wsman::resource_uri(configuration_class)), std::string(method),
                                std::move(parameters), keyed(boot_configuration));
    session::require_success(output, configuration_class, method);
}

Task<void> BootControl::set_role(std::string role) {
    constexpr std::string_view service = "CIM_BootService";
    constexpr std::string_view method = "SetBootConfigRole";
    wsman::Members parameters;
    parameters.push_back(wsman::reference_member("BootConfigSetting",
                                                 take(wsman::resource_uri(configuration_class)),
                                                 keyed(boot_configuration)));
    parameters.push_back(wsman::text_member("Role", std::move(role)));
    const auto output = co_await client_.invoke(take(wsman::resource_uri(service)),
                                                std::string(method), std::move(parameters));
    session::require_success(output, service, method);
}

Task<void> BootControl::put(wsman::Members settings) {
    co_await client_.put(take(wsman::resource_uri(settings_class)), {}, std::move(settings));
}

Task<void> BootControl::read_back(wsman::Members put, bool armed, BootWatch& watch) {
    const NextStart now = co_await read_next_start(client_);
    watch.after = now.to_value();
    std::string wrong = difference(put, now.settings);
    if (now.armed && *now.armed != armed)
        wrong = join({"the boot configuration is ", *now.armed ? "" : "not ", "the next one"});
    if (!wrong.empty())
        fail(Class::verify, "verify.boot",
             join({"the device accepted the boot settings, but ", wrong}),
             "the machine would start in another way than wished: nothing was restarted");
    watch.verified = true;
}

Task<void> BootControl::check_https(BootWish wish, wsman::Members settings) {
    take(wsman::https_boot_parameters(wish.url));
    if (!secured_)
        fail(Class::precondition, "boot.needs_tls",
             "firmware takes an https start over a TLS connection only", "use an amt:// target");
    if (!wsman::truth_of(settings, "UEFIHTTPSBootEnabled").value_or(false))
        fail(Class::precondition, "boot.https_disabled",
             "starting over https is switched off in the machine's BIOS",
             "switch it on in the BIOS setup: 'oob-power boot bios' gets there");
    // CIM_BootService: 32769 recovery enabled, 32771 recovery and erase (reference wsman-classes,
    // C3).
    const auto service = co_await client_.get(take(wsman::resource_uri("CIM_BootService")));
    const auto state = wsman::number_of(service.members, "EnabledState").value_or(0);
    if (state != 32769 && state != 32771)
        fail(Error(Class::precondition, "boot.recovery_disabled",
                   "One-Click Recovery is switched off in the device's boot service",
                   "an administrator of the device has to switch it on")
                 .with("enabled_state", state));
}

Task<NextStart> BootControl::check(BootWish wish, BootWatch& watch) {
    NextStart before = co_await read_next_start(client_);
    watch.before = before.to_value();
    const BootRow& row = boot_row(wish.device);
    const auto capabilities =
        co_await client_.get(take(wsman::resource_uri("AMT_BootCapabilities")));
    const auto needs = [&](std::string_view flag, std::string_view what) {
        if (wsman::truth_of(capabilities.members, flag).value_or(false)) return;
        fail(Error(Class::unsupported, "unsupported.boot_device",
                   join({"this machine cannot start from ", what}),
                   "'oob-power boot show' lists what it can start from")
                 .with("capability", flag));
    };
    needs(row.capability, row.name);
    if (wish.device == BootDevice::https) co_await check_https(wish, before.settings);
    if (wish.console) needs("SOL", "anything with its console over serial-over-LAN");
    if (before.pending())
        watch.warnings.emplace_back("boot settings that were left from before were cleared");
    co_return before;
}

Task<void> BootControl::set(BootWish wish, BootWatch& watch) {
    const NextStart before = co_await check(wish, watch);
    const PowerReading power = co_await power_.read();
    co_await require_consent(client_, wish.consent_code, power.power == "on");
    const BootRow& row = boot_row(wish.device);
    const wsman::Members settings = settings_for(before.settings, wish);
    // Some firmware keeps the last source and refuses options beside it, so it goes first.
    co_await change_order({});
    watch.sent = true;
    co_await put(settings);
    co_await set_role(std::string(next_single_use));
    if (!row.source.empty()) co_await change_order(std::string(row.source));
    co_await read_back(settings, true, watch);
}

Task<std::string> BootControl::plan(BootWish wish, BootWatch& watch) {
    const NextStart before = co_await check(wish, watch);
    watch.after = watch.before;
    watch.warnings.clear();
    std::string out = before.pending() ? "clear what is set, " : "";
    if (co_await consent_missing(client_)) out += "ask the machine's user to agree, ";
    co_return out + words_for(wish);
}

Task<void> BootControl::clear(BootWatch& watch) {
    const NextStart before = co_await read_next_start(client_);
    watch.before = before.to_value();
    if (!before.pending()) {
        watch.after = watch.before;
        watch.verified = true;
        co_return;
    }
    const wsman::Members settings = settings_for(before.settings, std::nullopt);
    co_await change_order({});
    watch.sent = true;
    co_await put(settings);
    if (before.armed.value_or(true)) co_await set_role(std::string(not_next));
    co_await read_back(settings, false, watch);
}

Task<void> BootControl::settle(milliseconds limit, BootWatch& watch) {
    constexpr milliseconds pause{500};
    watch.verified = false;
    const auto end = net::Clock::now() + limit;
    for (;;) {
        const NextStart now = co_await read_next_start(client_);
        watch.after = now.to_value();
        if (!now.told()) {
            watch.warnings.emplace_back(
                "this firmware does not tell whether the host used the boot settings");
            co_return;
        }
        if (now.used()) {
            const std::string failure = last_failure(now.settings);
            if (failure.empty()) break;
            fail(Error(Class::verify, "verify.boot",
                       join({"the host started, but its firmware reports: ", failure}),
                       "is the medium there? look at the host's console")
                     .with("last_failure", failure));
        }
        if (net::Clock::now() + pause > end)
            fail(Class::verify, "verify.boot", "the host has not used the boot settings yet",
                 "look at it with 'oob-power boot show'; 'oob-power boot clear' takes them back");
        co_await net::sleep_for(pause);
    }
    watch.verified = true;
}

}  // namespace oob::plane::amt
