#pragma once

#include "sim/model/boot.h"

#include <array>
#include <expected>
#include <span>
#include <string_view>

namespace oob::sim {

/// One writable member of AMT_BootSettingData and what it is called in the device's state.
struct BootOption {
    std::string_view member;
    std::string_view key;
    bool flag;
    bool not_with_source;  ///< refused together with a boot source (reference wsman, section 4.3)
};

inline constexpr std::array<BootOption, boot_option_count> boot_options{{
    {"BIOSPause", "bios_pause", true, true},
    {"BIOSSetup", "bios_setup", true, true},
    {"BootMediaIndex", "boot_media_index", false, false},
    {"ConfigurationDataReset", "configuration_data_reset", true, false},
    {"EnforceSecureBoot", "enforce_secure_boot", true, false},
    {"FirmwareVerbosity", "firmware_verbosity", false, false},
    {"ForcedProgressEvents", "forced_progress_events", true, false},
    {"IDERBootDevice", "ider_boot_device", false, false},
    {"LockKeyboard", "lock_keyboard", true, false},
    {"LockPowerButton", "lock_power_button", true, false},
    {"LockResetButton", "lock_reset_button", true, false},
    {"LockSleepButton", "lock_sleep_button", true, false},
    {"PlatformErase", "platform_erase", true, false},
    {"ReflashBIOS", "reflash_bios", true, true},
    {"SecureErase", "secure_erase", true, false},
    {"UefiBootNumberOfParams", "uefi_boot_number_of_params", false, false},
    {"UseIDER", "use_ider", true, true},
    {"UseSOL", "use_sol", true, false},
    {"UseSafeMode", "use_safe_mode", true, false},
    {"UserPasswordBypass", "user_password_bypass", true, false},
}};

/// The index of a member in Boot::options.
constexpr std::size_t option_index(std::string_view member) {
    for (std::size_t i = 0; i < boot_options.size(); ++i)
        if (boot_options[i].member == member) return i;
    return boot_options.size();
}

inline constexpr std::size_t use_ider = option_index("UseIDER");
inline constexpr std::size_t ider_device = option_index("IDERBootDevice");
inline constexpr std::size_t bios_setup = option_index("BIOSSetup");
inline constexpr std::size_t media_index = option_index("BootMediaIndex");
inline constexpr std::size_t platform_erase = option_index("PlatformErase");
inline constexpr std::size_t secure_boot = option_index("EnforceSecureBoot");
inline constexpr std::size_t verbosity = option_index("FirmwareVerbosity");

using BootOptions = std::array<std::uint32_t, boot_option_count>;

/// True when one of the options is set that a boot source excludes.
bool excludes_source(const BootOptions& chosen);
/// The options as `changes` would make them; a fault when one has a value that it cannot have.
std::expected<BootOptions, Fault> requested_options(const Boot& boot, const Members& changes);
/// Those that are not zero, by their names in the state.
Value used_options(const Boot& boot);

std::span<const LiveValue> boot_values();
std::span<const StateEntry> boot_state_entries();

}  // namespace oob::sim
