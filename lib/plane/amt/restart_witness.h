#pragma once

#include "plane/amt/next_start.h"
#include "plane/amt/power_step.h"
#include "plane/amt/start_log.h"
#include "session/wsman_client.h"

#include <optional>
#include <string>

namespace oob::plane::amt {

/// What firmware shows of a restart besides the power, which often is "on" all the time: the boot
/// reason changes, boot settings are used up, the BIOS writes into the event log. Only what will
/// tell is read, and only in reading.
class RestartWitness {
 public:
    /// `client` outlives it.
    RestartWitness(session::WsmanClient& client, const Step& step) : client_(client), step_(step) {}

    /// Finds, before the restart is asked for, what will tell of it.
    net::Task<void> prepare();
    /// True once something showed that the host was restarted since prepare().
    net::Task<bool> restarted();

    /// False when nothing here will ever tell: there is nothing to wait for.
    bool can_tell() const { return reason_tells_ || settings_tell_ || log_tells_; }
    /// True when what is looked at changes with every restart: where it stays, there was none.
    bool certain() const { return settings_tell_ || (reason_tells_ && reason_certain_); }
    /// True when the BIOS has to get somewhere first, not the firmware alone.
    bool slow() const { return settings_tell_ || log_tells_; }

    /// Why nothing was told, in words that follow a colon.
    std::string doubts() const;
    /// What the last start was, "2 Reset"; nothing where firmware does not say.
    const std::optional<std::string>& reason() const { return reason_; }

 private:
    /// Nothing where firmware lacks the class (before 8) or keeps it from the account.
    net::Task<std::optional<std::string>> read_reason();
    net::Task<std::optional<NextStart>> read_settings();
    /// The newest records; nothing when it cannot be read.
    net::Task<std::optional<EventLog>> read_log();
    net::Task<void> prepare_log();

    session::WsmanClient& client_;
    Step step_;
    std::optional<std::string> reason_;
    EventLog log_;
    std::string log_doubt_;
    bool reason_tells_ = false;
    bool reason_certain_ = false;
    bool settings_tell_ = false;
    bool log_tells_ = false;
};

}  // namespace oob::plane::amt
