#include "plane/amt/boot_settings.h"

#include "codec/wsman/boot_parameters.h"
#include "core/text.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace oob::plane::amt {

namespace wsman = codec::wsman;

namespace {

constexpr std::array<BootRow, 8> rows{{
    {BootDevice::pxe, "pxe", "ForcePXEBoot", "Intel(r) AMT: Force PXE Boot", ""},
    {BootDevice::disk, "disk", "ForceHardDriveBoot", "Intel(r) AMT: Force Hard-drive Boot", ""},
    {BootDevice::cd, "cd", "ForceCDorDVDBoot", "Intel(r) AMT: Force CD/DVD Boot", ""},
    {BootDevice::bios, "bios", "BIOSSetup", "", "BIOSSetup"},
    {BootDevice::diag, "diag", "ForceDiagnosticBoot", "Intel(r) AMT: Force Diagnostic Boot", ""},
    {BootDevice::ider_cd, "ider-cd", "IDER", "", "UseIDER"},
    {BootDevice::ider_floppy, "ider-floppy", "IDER", "", "UseIDER"},
    {BootDevice::https, "https", "ForceUEFIHTTPSBoot", "Intel(r) AMT: Force OCR UEFI HTTPS Boot",
     "ForcedProgressEvents"},
}};

/// What the next start does; everything here is cleared first.
constexpr std::array<std::string_view, 15> flags{"BIOSPause",
                                                 "BIOSSetup",
                                                 "ConfigurationDataReset",
                                                 "ForcedProgressEvents",
                                                 "LockKeyboard",
                                                 "LockPowerButton",
                                                 "LockResetButton",
                                                 "LockSleepButton",
                                                 "PlatformErase",
                                                 "ReflashBIOS",
                                                 "SecureErase",
                                                 "UseIDER",
                                                 "UseSOL",
                                                 "UseSafeMode",
                                                 "UserPasswordBypass"};
constexpr std::array<std::string_view, 4> numbers{"BootMediaIndex", "FirmwareVerbosity",
                                                  "IDERBootDevice", "UefiBootNumberOfParams"};

/// Written by the device alone, or written blindly: left out of a Put.
constexpr std::array<std::string_view, 10> not_put{"BIOSLastStatus",
                                                   "BootguardStatus",
                                                   "OptionsCleared",
                                                   "RPEEnabled",
                                                   "RSEPassword",
                                                   "SecureBootControlEnabled",
                                                   "UEFIHTTPSBootEnabled",
                                                   "UEFILocalPBABootEnabled",
                                                   "UefiBootParametersArray",
                                                   "WinREBootEnabled"};

template <std::size_t count>
bool among(const std::array<std::string_view, count>& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

bool is_set(const wsman::Members& members, std::string_view name) {
    if (among(flags, name)) return wsman::truth_of(members, name).value_or(false);
    return wsman::number_of(members, name).value_or(0) != 0;
}

void write(wsman::Members& members, std::string_view name, std::string text) {
    for (auto& member : members)
        if (member.name == name) member.text = std::move(text);
}

/// Where to start from over https; some firmware does not report these members before they are set.
void write_parameters(wsman::Members& members, const std::string& url) {
    const auto parameters = wsman::https_boot_parameters(url);
    if (!parameters) return;
    std::erase_if(members, [](const auto& one) { return one.name == "UefiBootNumberOfParams"; });
    members.push_back(
        wsman::text_member("UefiBootNumberOfParams", std::to_string(parameters->size())));
    members.push_back(wsman::text_member(
        "UefiBootParametersArray", base64_encode(wsman::encode_boot_parameters(*parameters))));
}

/// "BIOSSetup" to "bios_setup", "UseIDER" to "use_ider".
std::string key_of(std::string_view name) {
    std::string key;
    const auto upper = [&](std::size_t i) {
        return i < name.size() && std::isupper(static_cast<unsigned char>(name[i])) != 0;
    };
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool starts_word =
            upper(i) && i > 0 && (!upper(i - 1) || (i + 1 < name.size() && !upper(i + 1)));
        if (starts_word) key += '_';
        key += name[i];
    }
    return lower(key);
}

}  // namespace

const BootRow& boot_row(BootDevice device) {
    return *std::ranges::find(rows, device, &BootRow::device);
}

wsman::Members settings_for(const wsman::Members& reported, const std::optional<BootWish>& wish) {
    wsman::Members out;
    for (const auto& member : reported) {
        if (among(not_put, member.name)) continue;
        out.push_back(member);
        if (among(flags, member.name)) out.back().text = "false";
        if (among(numbers, member.name)) out.back().text = "0";
    }
    if (!wish) return out;
    const BootRow& row = boot_row(wish->device);
    if (!row.option.empty()) write(out, row.option, "true");
    if (wish->console) write(out, "UseSOL", "true");
    if (wish->device == BootDevice::ider_cd) write(out, "IDERBootDevice", "1");
    write(out, "BootMediaIndex", std::to_string(wish->medium));
    if (wish->device == BootDevice::https) write_parameters(out, wish->url);
    return out;
}

std::string difference(const wsman::Members& put, const wsman::Members& reported) {
    for (const auto& member : put) {
        const bool flag = among(flags, member.name);
        if (!flag && !among(numbers, member.name)) continue;
        const bool same = flag ? is_set(put, member.name) == is_set(reported, member.name)
                               : wsman::number_of(put, member.name).value_or(0) ==
                                     wsman::number_of(reported, member.name).value_or(0);
        if (!same)
            return join({member.name, " is ",
                         wsman::text_of(reported, member.name).value_or("absent"), " and not ",
                         member.text});
    }
    return {};
}

bool anything_set(const wsman::Members& reported) {
    const auto set = [&](std::string_view name) { return is_set(reported, name); };
    return std::ranges::any_of(flags, set) || std::ranges::any_of(numbers, set);
}

Value set_options(const wsman::Members& reported) {
    Value out = Value::object();
    for (const auto name : flags)
        if (is_set(reported, name)) out.set(key_of(name), true);
    for (const auto name : numbers)
        if (is_set(reported, name)) out.set(key_of(name), *wsman::number_of(reported, name));
    return out;
}

Value offered_devices(const wsman::Members& capabilities) {
    Value out = Value::array();
    for (const auto& row : rows)
        if (wsman::truth_of(capabilities, row.capability).value_or(false)) out.push(row.name);
    return out;
}

std::string last_failure(const wsman::Members& reported) {
    const auto words = wsman::numbers_of(reported, "BIOSLastStatus");
    constexpr std::uint64_t failed = 0xffff;
    constexpr std::array<std::string_view, 4> details{"", "drive failure or no medium",
                                                      "drive password failure", "not supported"};
    if (words.size() < 2 || (words[0] != failed && words[1] == 0)) return {};
    if (words[1] > 0 && words[1] < details.size()) return std::string(details[words[1]]);
    return "the start failed";
}

}  // namespace oob::plane::amt
