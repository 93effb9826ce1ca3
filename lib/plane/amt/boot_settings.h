#pragma once

#include "codec/wsman/instance.h"
#include "core/value.h"
#include "plane/device.h"

#include <optional>
#include <string>
#include <string_view>

/// AMT_BootSettingData and the boot sources, as values: nothing is sent here (reference wsman,
/// section 4.3; reference wsman-classes, C3).
namespace oob::plane::amt {

/// What a device of BootDevice takes.
struct BootRow {
    BootDevice device;
    std::string_view name;        ///< "pxe"
    std::string_view capability;  ///< the flag of AMT_BootCapabilities
    std::string_view source;      ///< the CIM_BootSourceSetting; empty: none
    std::string_view option;      ///< the flag of AMT_BootSettingData; empty: none
};

const BootRow& boot_row(BootDevice device);

/// The body of a Put that leaves nothing set but the wish: what the device reported, without the
/// members that it alone writes. No wish: nothing is set. An https wish needs an address that
/// https_boot_parameters() takes.
codec::wsman::Members settings_for(const codec::wsman::Members& reported,
                                   const std::optional<BootWish>& wish);

/// The first option that differs from what was put, with both values; empty when they agree.
std::string difference(const codec::wsman::Members& put, const codec::wsman::Members& reported);

/// True when an option of an earlier hand is still set.
bool anything_set(const codec::wsman::Members& reported);

/// Options that are set, by their names in lower case with underscores.
Value set_options(const codec::wsman::Members& reported);

/// The names of the devices that AMT_BootCapabilities offers.
Value offered_devices(const codec::wsman::Members& capabilities);

/// What BIOSLastStatus says went wrong; empty when nothing did, or when firmware does not tell.
std::string last_failure(const codec::wsman::Members& reported);

}  // namespace oob::plane::amt
