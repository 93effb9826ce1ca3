#pragma once

#include "sim/model/behaviour.h"

#include <array>
#include <chrono>
#include <vector>

namespace oob::sim {

/// What happened, without the time (reference wsman, section 8.1).
struct Event {
    std::uint8_t sensor = 0;
    std::uint8_t offset = 0;
    std::uint8_t severity = 1;
    std::uint8_t entity = 0;
    std::array<std::uint8_t, 8> data{};
};

/// AMT_MessageLog. The records of a new device are worked out from its number; only later ones are
/// kept.
struct EventLog {
    struct Entry {
        std::uint32_t time = 0;  ///< seconds since 1970; 0: padding
        Event event;
    };

    static constexpr std::size_t most_records = 390;

    std::vector<Entry> entries;  ///< oldest first
    bool cleared = false;        ///< the records of the new device are gone
    bool frozen = false;
};

void log_event(Machine& machine, const Event& event);
/// The host has started: what its BIOS tells of that, `last` at its end. Nothing where the quirk
/// start_events is off.
void log_start(Machine& machine, const Event& last);

Event firmware_started_event();
Event os_boot_event();
Event setup_entered_event();
Event no_media_event();
Event host_lock_up_event();
/// What became of a redirection session (reference redirection, section 1.6).
enum class SessionEvent : std::uint8_t { sol_begun, sol_ended, ider_begun, ider_ended };
Event session_event(SessionEvent what);
/// `failures` logins in a row were refused.
Event failed_logins_event(std::uint16_t failures);

const Feature& event_log_feature();

}  // namespace oob::sim
