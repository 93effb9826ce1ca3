#pragma once

#include "sim/model/behaviour.h"

#include <array>
#include <string>

namespace oob::sim {

/// The writable members of AMT_BootSettingData that are booleans or numbers, by their index in
/// Boot.
inline constexpr std::size_t boot_option_count = 20;

struct Boot {
    std::array<std::uint32_t, boot_option_count> options{};
    std::string parameters;        ///< UefiBootParametersArray, base64
    std::string source;            ///< InstanceID of the chosen CIM_BootSourceSetting
    bool next_single_use = false;  ///< SetBootConfigRole 1
    bool options_cleared = true;
    std::uint32_t last_status = 2;    ///< first word of BIOSLastStatus
    std::uint32_t last_detail = 0;    ///< second word
    std::uint32_t service_state = 2;  ///< 32768 to 32771 for OCR and RPE, 2 before AMT 15

    std::string booted_from = "hard-drive";
    Value booted_with;  ///< the options that the last start used
};

/// The host starts: uses up the boot options and writes the firmware's progress into the event log.
/// True when an operating system runs afterwards.
bool boot_host(Machine& machine);
/// Consent has ended: what was set for the next boot goes.
void clear_boot(Machine& machine);

const Feature& boot_feature();

}  // namespace oob::sim
