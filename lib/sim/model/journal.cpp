#include "sim/model/journal.h"

#include "codec/wsman/redaction.h"
#include "codec/wsman/schema.h"
#include "codec/wsman/secrets.h"

#include <array>

namespace oob::sim {

namespace wsman = codec::wsman;

namespace {

constexpr std::array<std::string_view, 9> operation_names{
    "identify", "get", "put", "create", "delete", "enumerate", "pull", "release", "invoke"};

Value value_of(const wsman::Member& member);

Value values_of(const wsman::Members& members) {
    Value out = Value::object();
    for (const auto& member : members) {
        const Value* before = out.find(member.name);
        Value value = value_of(member);
        if (!before) {
            out.set(member.name, std::move(value));
            continue;
        }
        Value several = before->is_array() ? *before : Value(Value::Array{*before});
        several.push(std::move(value));
        out.set(member.name, std::move(several));
    }
    return out;
}

Value value_of(const wsman::Member& member) {
    if (wsman::is_secret(member.name)) return "(secret)";
    if (member.kind == wsman::Member::Kind::null) return {};
    const bool structured =
        member.kind == wsman::Member::Kind::reference || member.kind == wsman::Member::Kind::object;
    if (!structured) return wsman::redact_words(member.text);
    Value out = Value::object();
    out.set("class", wsman::class_name(member.uri));
    out.set("members", values_of(member.members));
    return out;
}

Value base(const wsman::Request& request) {
    Value out = Value::object();
    out.set("operation", operation_names[static_cast<std::size_t>(request.operation)]);
    out.set("class", wsman::class_name(request.resource_uri));
    if (!request.method.empty()) out.set("method", request.method);
    if (!request.selectors.empty()) out.set("selectors", values_of(request.selectors));
    if (!request.body.empty()) out.set("parameters", values_of(request.body));
    return out;
}

Value fault_value(const wsman::Fault& fault) {
    return fault.subcode.empty() ? Value(fault.code) : Value(fault.subcode);
}

}  // namespace

Value journal_of(const wsman::Request& request, const wsman::DeviceReply* reply) {
    Value out = base(request);
    if (reply && reply->operation == wsman::Operation::invoke && reply->body)
        if (const auto value = wsman::number_of(reply->body->members, "ReturnValue"))
            out.set("return_value", *value);
    return out;
}

Value journal_of(const wsman::Request& request, const wsman::Fault& fault) {
    Value out = base(request);
    out.set("fault", fault_value(fault));
    return out;
}

Value journal_of(const wsman::Fault& fault) {
    Value out = Value::object();
    out.set("fault", fault_value(fault));
    return out;
}

}  // namespace oob::sim
