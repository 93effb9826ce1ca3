#include "report/record.h"

#include "core/json.h"
#include "core/text.h"

#include <concepts>
#include <utility>

namespace oob::report {

namespace {

constexpr const char* schema = "oob/1";
constexpr std::size_t usual_members = 24;

/// The members of a record, gathered in a tree.
class Tree {
 public:
    Tree() { members_.reserve(usual_members); }

    template <class T>
        requires std::constructible_from<Value, T>
    Tree& set(const char* key, T&& value) {
        members_.emplace_back(key, Value(std::forward<T>(value)));
        return *this;
    }
    template <class T>
    Tree& set(const char* key, const std::optional<T>& value) {
        return set(key, value ? Value(*value) : Value());
    }
    template <class Members>
    Tree& object(const char* key, Members members) {
        Tree inner;
        members(inner);
        return set(key, std::move(inner).take());
    }
    Value take() && { return Value(std::move(members_)); }

 private:
    Value::Object members_;
};

/// The members of a record, written as they come. A scan writes records by the hundred thousand,
/// and most of its own time would go into trees.
class Text {
 public:
    explicit Text(std::string& out) : out_(out) {}

    Text& set(const char* key, const Value& value) { return begin(key).end(value); }
    Text& set(const char* key, const std::string& value) {
        return set(key, std::string_view(value));
    }
    Text& set(const char* key, std::string_view value) { return begin(key).end(value); }
    Text& set(const char* key, const char* value) { return set(key, std::string_view(value)); }
    Text& set(const char* key, bool value) {
        begin(key);
        out_ += value ? "true" : "false";
        return *this;
    }
    template <std::integral T>
        requires(!std::is_same_v<T, bool>)
    Text& set(const char* key, T value) {
        return begin(key).end(static_cast<std::int64_t>(value));
    }
    Text& set(const char* key, std::nullptr_t) {
        begin(key);
        out_ += "null";
        return *this;
    }
    template <class T>
    Text& set(const char* key, const std::optional<T>& value) {
        return value ? set(key, *value) : set(key, nullptr);
    }
    template <class Members>
    Text& object(const char* key, Members members) {
        begin(key);
        out_ += '{';
        Text inner(out_);
        members(inner);
        out_ += '}';
        return *this;
    }

 private:
    /// Keys are ours, and need no escape.
    Text& begin(const char* key) {
        out_ += first_ ? "\"" : ",\"";
        out_ += key;
        out_ += "\":";
        first_ = false;
        return *this;
    }
    template <class T>
    Text& end(const T& value) {
        oob::append_json(out_, value);
        return *this;
    }

    std::string& out_;
    bool first_ = true;
};

template <class Out>
void write_head(Out& out, const char* type, const std::string& tool,
                std::chrono::system_clock::time_point time) {
    out.set("schema", schema)
        .set("type", type)
        .set("tool", tool)
        .set("version", OOB_VERSION)
        .set("time", rfc3339(time));
}

template <class Out>
void write_device(Out& out, const DeviceFacts& device, bool duplicate) {
    out.set("id", device.id())
        .set("name", device.name)
        .set("protocol", device.protocol.empty() ? std::nullopt : std::optional(device.protocol))
        .set("address", device.address)
        .set("uuid", device.uuid)
        .set("mac", device.mac)
        .set("firmware", device.firmware)
        .set("control_mode", device.control_mode)
        .set("fingerprint", device.fingerprint)
        .set("id_quality",
             duplicate ? std::optional<std::string>("duplicate") : device.id_quality());
}

template <class Out>
void write_error(Out& out, const Error& error) {
    out.set("class", name(error.kind))
        .set("code", error.code)
        .set("message", error.message)
        .set("hint", error.hint.empty() ? std::nullopt : std::optional(error.hint))
        .set("retryable", error.retryable)
        .set("indeterminate", error.indeterminate)
        .set("native", error.native);
}

/// The one place that knows how a record looks.
template <class Out>
void write(Out& out, const Record& record) {
    write_head(out, "result", record.tool, record.time);
    out.set("target", record.target)
        .set("action", record.action)
        .set("ok", record.ok)
        .set("changed", record.changed)
        .set("verified", record.verified)
        .set("dry_run", record.dry_run);
    if (record.skipped) out.set("skipped", true);
    out.object("device", [&](auto& device) {
        write_device(device, record.findings.device, record.duplicate);
    });
    if (!record.before.is_null() || !record.after.is_null())
        out.object("state", [&](auto& state) {
            state.set("before", record.before).set("after", record.after);
        });
    if (!record.data.is_null()) out.set("data", record.data);
    if (record.error) out.object("error", [&](auto& error) { write_error(error, *record.error); });
    if (const auto& tls = record.findings.tls)
        out.object("tls", [&](auto& summary) {
            summary.set("version", tls->version)
                .set("verified", tls->verified)
                .set("compat", tls->compat);
        });
    else
        out.set("tls", nullptr);
    Value warnings = Value::array();
    for (const std::string& warning : record.findings.warnings) warnings.push(warning);
    out.set("attempts", record.attempts)
        .set("duration_ms", record.duration.count())
        .set("warnings", std::move(warnings));
}

}  // namespace

Value to_value(const Record& record) {
    Tree out;
    write(out, record);
    return std::move(out).take();
}

void append_json(std::string& out, const Record& record) {
    out += '{';
    Text text(out);
    write(text, record);
    out += '}';
}

Value to_value(const Summary& summary) {
    Tree out;
    write_head(out, "summary", summary.tool, std::chrono::system_clock::now());
    out.set("action", summary.action)
        .set("targets", summary.targets)
        .set("ok", summary.ok)
        .set("changed", summary.changed)
        .set("failed", summary.failed)
        .set("skipped", summary.skipped)
        .set("not_started", summary.not_started)
        .set("stopped_early", summary.stopped_early)
        .set("classes", summary.classes.is_null() ? Value::object() : summary.classes)
        .set("duration_ms", summary.duration.count());
    if (summary.silent) out.set("silent", *summary.silent);
    return std::move(out).take();
}

}  // namespace oob::report
