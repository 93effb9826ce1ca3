#include "report/record.h"

#include "core/text.h"

#include <utility>

namespace oob::report {

namespace {

constexpr const char* schema = "oob/1";

Value maybe(const std::optional<std::string>& text) { return text ? Value(*text) : Value(); }

Value device_value(const DeviceFacts& device) {
    Value out;
    out.set("id", maybe(device.id()))
        .set("name", device.name)
        .set("protocol", device.protocol.empty() ? Value() : Value(device.protocol))
        .set("address", maybe(device.address))
        .set("uuid", maybe(device.uuid))
        .set("mac", maybe(device.mac))
        .set("firmware", maybe(device.firmware))
        .set("control_mode", maybe(device.control_mode))
        .set("fingerprint", maybe(device.fingerprint))
        .set("id_quality", maybe(device.id_quality()));
    return out;
}

Value error_value(const Error& error) {
    Value out;
    out.set("class", name(error.kind))
        .set("code", error.code)
        .set("message", error.message)
        .set("hint", error.hint.empty() ? Value() : Value(error.hint))
        .set("retryable", error.retryable)
        .set("indeterminate", error.indeterminate)
        .set("native", error.native);
    return out;
}

Value tls_value(const std::optional<TlsSummary>& tls) {
    if (!tls) return {};
    Value out;
    out.set("version", tls->version).set("verified", tls->verified).set("compat", tls->compat);
    return out;
}

Value head(const char* type, const std::string& tool, std::chrono::system_clock::time_point time) {
    Value out;
    out.set("schema", schema)
        .set("type", type)
        .set("tool", tool)
        .set("version", OOB_VERSION)
        .set("time", rfc3339(time));
    return out;
}

}  // namespace

Value to_value(Record record) {
    Value out = head("result", record.tool, record.time);
    out.set("target", std::move(record.target))
        .set("action", std::move(record.action))
        .set("ok", record.ok)
        .set("changed", record.changed ? Value(*record.changed) : Value())
        .set("verified", record.verified)
        .set("dry_run", record.dry_run);
    if (record.skipped) out.set("skipped", true);
    Value device = device_value(record.findings.device);
    if (record.duplicate) device.set("id_quality", "duplicate");
    out.set("device", std::move(device));
    if (!record.before.is_null() || !record.after.is_null()) {
        Value state;
        state.set("before", std::move(record.before)).set("after", std::move(record.after));
        out.set("state", std::move(state));
    }
    if (!record.data.is_null()) out.set("data", std::move(record.data));
    if (record.error) out.set("error", error_value(*record.error));
    out.set("tls", tls_value(record.findings.tls));
    Value warnings = Value::array();
    for (auto& warning : record.findings.warnings) warnings.push(std::move(warning));
    out.set("attempts", record.attempts)
        .set("duration_ms", record.duration.count())
        .set("warnings", std::move(warnings));
    return out;
}

Value to_value(const Summary& summary) {
    Value out = head("summary", summary.tool, std::chrono::system_clock::now());
    out.set("action", summary.action)
        .set("targets", summary.targets)
        .set("ok", summary.ok)
        .set("changed", summary.changed)
        .set("failed", summary.failed)
        .set("skipped", summary.skipped)
        .set("stopped_early", summary.stopped_early)
        .set("classes", summary.classes.is_null() ? Value::object() : summary.classes)
        .set("duration_ms", summary.duration.count());
    return out;
}

}  // namespace oob::report
