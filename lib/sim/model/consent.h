#pragma once

#include "sim/model/behaviour.h"

#include <chrono>

namespace oob::sim {

enum class ConsentState : std::uint8_t { idle, requested, displayed, received, in_session };

inline constexpr std::uint32_t consent_for_nothing = 0;
inline constexpr std::uint32_t consent_for_kvm = 1;
inline constexpr std::uint32_t consent_for_all = 0xffffffff;

/// IPS_OptInService (reference wsman, section 4.7).
struct Consent {
    std::uint32_t policy = consent_for_nothing;  ///< client mode always asks for all
    ConsentState state = ConsentState::idle;
    std::uint32_t code = 0;  ///< six digits, the first not zero; 0 while none is shown
    std::uint32_t codes_made = 0;
    unsigned wrong_codes = 0;
    std::chrono::seconds code_timeout{120};
    std::chrono::seconds display_timeout{300};
    std::chrono::system_clock::time_point since;  ///< when `state` began
};

/// What consent is asked for at present.
std::uint32_t consent_required(const Machine& machine);
/// AccessDenied when boot options need a consent that nobody has given.
Checked consent_for_boot(const Machine& machine);
/// The number of open redirection sessions has changed.
void consent_sees_sessions(Machine& machine, std::size_t before, std::size_t after);

const Feature& consent_feature();

}  // namespace oob::sim
