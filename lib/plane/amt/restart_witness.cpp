#include "plane/amt/restart_witness.h"

#include "codec/wsman/schema.h"
#include "core/text.h"
#include "net/deadline.h"

#include <utility>

namespace oob::plane::amt {

namespace wsman = codec::wsman;
using net::Task;

namespace {

/// The device answered and did not give it: it lacks the class, keeps it from the account, or is
/// busy with it. Everything else is a failure of the conversation.
template <class T>
std::optional<T> unless_refused(Result<T> result) {
    if (result) return *std::move(result);
    const Class kind = result.error().kind;
    if (kind != Class::unsupported && kind != Class::forbidden && kind != Class::firmware)
        fail(std::move(result).error());
    return std::nullopt;
}

}  // namespace

Task<std::optional<std::string>> RestartWitness::read_reason() {
    auto result =
        co_await net::attempt(client_.get(take(wsman::resource_uri("IPS_HostBootReason"))));
    const auto instance = unless_refused(std::move(result));
    if (!instance) co_return std::nullopt;
    co_return join({wsman::text_of(instance->members, "Reason").value_or(""), " ",
                    wsman::text_of(instance->members, "ReasonDetails").value_or("")});
}

Task<std::optional<NextStart>> RestartWitness::read_settings() {
    auto result = co_await net::attempt(read_next_start(client_));
    co_return unless_refused(std::move(result));
}

Task<std::optional<EventLog>> RestartWitness::read_log() {
    // Clients may begin at any place without positioning first (reference wsman, section 4.15). One
    // answer has the newest records.
    constexpr std::string_view most_records = "390";
    wsman::Members parameters;
    parameters.push_back(wsman::text_member("IterationIdentifier", "1"));
    parameters.push_back(wsman::text_member("MaxReadRecords", std::string(most_records)));
    auto result = co_await net::attempt(client_.invoke(take(wsman::resource_uri("AMT_MessageLog")),
                                                       "GetRecords", std::move(parameters), {},
                                                       session::Effect::reads));
    const auto output = unless_refused(std::move(result));
    if (!output) co_return std::nullopt;
    constexpr std::uint64_t empty_log = 3;
    const auto value = wsman::number_of(*output, "ReturnValue").value_or(0);
    if (value != 0 && value != empty_log) co_return std::nullopt;
    co_return records_of(*output);
}

Task<void> RestartWitness::prepare_log() {
    auto result = co_await net::attempt(client_.get(take(wsman::resource_uri("AMT_MessageLog"))));
    const auto about = unless_refused(std::move(result));
    std::optional<EventLog> log;
    if (about) log = co_await read_log();
    if (!log) {
        log_doubt_ = "its event log cannot be read";
    } else if (wsman::truth_of(about->members, "IsFrozen").value_or(false)) {
        log_doubt_ = "its event log is frozen";
    } else if (!tells_of_starts(*log)) {
        log_doubt_ = "its event log has no record of an earlier start";
    } else {
        log_doubt_ = "its event log got no record of another start";
        log_tells_ = true;
        log_ = *std::move(log);
    }
}

Task<void> RestartWitness::prepare() {
    reason_ = co_await read_reason();
    reason_tells_ = reason_ && *reason_ != step_.restart_reason;
    // An operating system that restarts the host itself may leave "1", a start that AMT did not
    // cause.
    constexpr std::string_view other_cause = "1 ";
    reason_certain_ = !step_.needs_os || (reason_ && !reason_->starts_with(other_cause));
    if (reason_tells_ && reason_certain_) co_return;
    const auto next = co_await read_settings();
    settings_tell_ = next && next->waiting();
    if (!settings_tell_) co_await prepare_log();
}

Task<bool> RestartWitness::restarted() {
    if (reason_tells_) {
        const auto reason = co_await read_reason();
        if (reason && reason != reason_) co_return true;
    }
    if (settings_tell_) {
        const auto next = co_await read_settings();
        if (next && !next->waiting()) co_return true;
    }
    if (log_tells_) {
        const auto log = co_await read_log();
        if (log && new_start(log_, *log)) co_return true;
    }
    co_return false;
}

std::string RestartWitness::doubts() const {
    return join(
        {reason_ ? "its boot reason is the same as before" : "it has no boot reason to read",
         log_doubt_.empty() ? "" : ", and ", log_doubt_});
}

}  // namespace oob::plane::amt
