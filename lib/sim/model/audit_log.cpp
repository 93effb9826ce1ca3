#include "sim/model/audit_log.h"

#include "codec/wsman/schema.h"
#include "core/text.h"
#include "sim/model/machine.h"

#include <algorithm>
#include <array>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

constexpr std::uint16_t app_security = 16;
constexpr std::uint16_t app_remote_control = 17;
constexpr std::uint16_t app_redirection = 18;
constexpr std::uint16_t app_audit = 20;
constexpr std::uint16_t app_time = 21;
constexpr std::uint16_t app_events = 24;
constexpr std::uint16_t app_opt_in = 30;

struct Subject {
    std::uint16_t app;
    std::uint16_t event;
};

Subject power_subject(const Members& parameters) {
    constexpr std::array<std::pair<std::uint64_t, std::uint16_t>, 9> events{
        {{2, 0}, {8, 1}, {5, 2}, {10, 3}, {12, 5}, {14, 6}, {4, 7}, {7, 8}, {11, 9}}};
    const auto state = wsman::number_of(parameters, "PowerState").value_or(0);
    const auto* found =
        std::ranges::find(events, state, &std::pair<std::uint64_t, std::uint16_t>::first);
    return {app_remote_control, found == events.end() ? std::uint16_t{4} : found->second};
}

Subject redirection_subject(const Members& parameters) {
    constexpr std::uint64_t all_off = 32768;
    const bool off = wsman::number_of(parameters, "RequestedState") == all_off;
    return {app_redirection, static_cast<std::uint16_t>(off ? 7 : 6)};
}

Subject kvm_subject(const Members& parameters) {
    const bool off = wsman::number_of(parameters, "RequestedState") == 3U;
    return {app_redirection, static_cast<std::uint16_t>(off ? 11 : 10)};
}

template <std::uint16_t app, std::uint16_t event>
Subject always(const Members&) {
    return {app, event};
}

struct Rule {
    std::string_view class_name;
    std::string_view method;
    Subject (*subject)(const Members& parameters);
};

constexpr std::array<Rule, 14> rules{{
    {"CIM_PowerManagementService", "RequestPowerStateChange", power_subject},
    {"CIM_BootService", "SetBootConfigRole", always<app_remote_control, 4>},
    {"AMT_RedirectionService", "RequestStateChange", redirection_subject},
    {"CIM_KVMRedirectionSAP", "RequestStateChange", kvm_subject},
    {"AMT_AuthorizationService", "AddUserAclEntryEx", always<app_security, 2>},
    {"AMT_AuthorizationService", "UpdateUserAclEntryEx", always<app_security, 3>},
    {"AMT_AuthorizationService", "SetAdminAclEntryEx", always<app_security, 3>},
    {"AMT_AuthorizationService", "RemoveUserAclEntry", always<app_security, 4>},
    {"AMT_AuthorizationService", "SetAclEnabledState", always<app_security, 6>},
    {"AMT_PublicKeyManagementService", "AddTrustedRootCertificate", always<app_security, 10>},
    {"AMT_SetupAndConfigurationService", "CommitChanges", always<app_security, 7>},
    {"AMT_TimeSynchronizationService", "SetHighAccuracyTimeSynch", always<app_time, 0>},
    {"AMT_MessageLog", "ClearLog", always<app_events, 2>},
    {"IPS_OptInService", "SendOptInCode", always<app_opt_in, 1>},
}};

void append(Machine& machine, const Subject& subject, std::string_view user) {
    auto& records = machine.audit.records;
    if (records.size() == AuditLog::most_records) records.erase(records.begin());
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(machine.clock_now().time_since_epoch());
    constexpr std::uint8_t http_digest = 0;
    constexpr std::uint8_t location_ipv4 = 0;
    constexpr std::string_view console_address = "127.0.0.1";
    constexpr std::size_t longest_user = 255;
    user = user.substr(0, longest_user);
    Writer out;
    out.be16(subject.app).be16(subject.event).u8(http_digest);
    out.u8(static_cast<std::uint8_t>(user.size())).bytes(as_view(user));
    out.be32(static_cast<std::uint32_t>(seconds.count())).u8(location_ipv4);
    out.u8(static_cast<std::uint8_t>(console_address.size())).bytes(as_view(console_address));
    out.u8(0);  // no extended data
    records.push_back(out.take());
}

constexpr std::size_t most_per_read = 10;

Outcome read_records(Call& call) {
    const auto& records = call.machine.audit.records;
    const auto start = wsman::number_of(call.request.body, "StartIndex");
    if (!start || *start == 0 || (*start > records.size() && !records.empty()))
        return returned(pt_invalid_index);
    const std::size_t from = std::min<std::uint64_t>(*start - 1, records.size());
    const std::size_t count = std::min(most_per_read, records.size() - from);
    MethodReply reply;
    reply.out.push_back(wsman::text_member("TotalRecordCount", std::to_string(records.size())));
    reply.out.push_back(wsman::text_member("RecordsReturned", std::to_string(count)));
    for (std::size_t i = from; i < from + count; ++i)
        reply.out.push_back(wsman::text_member("EventRecords", base64_encode(records[i])));
    return reply;
}

Outcome clear_records(Call& call) {
    call.machine.audit.records.clear();
    append(call.machine, {app_audit, 0}, call.caller.account.name);
    return returned(0);
}

Texts percentage_free(const Machine& machine) {
    const std::size_t used = machine.audit.records.size() * 100 / AuditLog::most_records;
    return text_of_number(100 - used);
}

constexpr std::array<Method, 2> methods{{
    {"AMT_AuditLog", "ReadRecords", 20, read_records},
    {"AMT_AuditLog", "ClearLog", 20, clear_records},
}};
constexpr std::array<LiveValue, 2> live_values{{
    {"audit.count",
     [](const Machine& machine) { return text_of_number(machine.audit.records.size()); }},
    {"audit.free", percentage_free},
}};

}  // namespace

void audit(Call& call, const MethodReply& reply) {
    if (reply.return_value != 0) return;
    const auto class_name = wsman::class_name(call.request.resource_uri);
    for (const Rule& rule : rules)
        if (rule.class_name == class_name && rule.method == call.request.method)
            append(call.machine, rule.subject(call.request.body), call.caller.account.name);
}

const Feature& audit_log_feature() {
    static const Feature feature{methods, {}, {}, {}, live_values, {}, nullptr};
    return feature;
}

}  // namespace oob::sim
