#pragma once

#include "plane/device.h"
#include "session/wsman_client.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oob::plane::amt {

/// A day and a half as "P1DT12H0M", the form that AMT takes (reference wsman, section 4.14), and
/// back; nothing for a text of another form or longer than ten years.
std::string interval_text(std::chrono::minutes interval);
std::optional<std::chrono::minutes> parse_interval(std::string_view text);

/// AMT_AlarmClockService and IPS_AlarmClockOccurrence, from AMT 8 on.
class AlarmClock final : public plane::Alarms {
 public:
    /// `client` outlives this.
    explicit AlarmClock(session::WsmanClient& client) : client_(client) {}

    net::Task<std::vector<Alarm>> list() override;
    net::Task<void> add(Alarm alarm, std::vector<Alarm>& present, bool& sent) override;
    net::Task<void> remove(std::string name, std::vector<Alarm>& present, bool& sent) override;

 private:
    net::Task<Error> explain(Error error, std::string at);

    session::WsmanClient& client_;
};

}  // namespace oob::plane::amt
