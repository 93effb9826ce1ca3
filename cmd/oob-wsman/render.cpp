#include "render.h"

#include "codec/wsman/schema.h"
#include "core/json.h"
#include "core/text.h"
#include "report/person.h"
#include "report/table.h"

#include <algorithm>

namespace oob::cmd {

namespace {

/// "  HostName      pc07" for each property, nested ones as JSON.
std::string lines_of(const Value& object) {
    std::size_t widest = 0;
    for (const auto& [name, value] : object.members()) widest = std::max(widest, name.size());
    std::string out;
    for (const auto& [name, value] : object.members()) {
        const std::string text = value.is_string() ? std::string(value.text()) : to_json(value);
        out += join({"  ", harmless(name), std::string(widest - name.size() + 2, ' '),
                     harmless(text), "\n"});
    }
    return out;
}

}  // namespace

Value instance_value(const codec::wsman::Instance& instance) {
    Value out = Value::object();
    out.set("@class", instance.name);
    const Value properties = codec::wsman::to_value(instance.members, instance.name);
    for (const auto& [name, value] : properties.members()) out.set(name, value);
    return out;
}

Value xml_value(std::vector<std::string> replies) {
    Value xml = Value::array();
    for (auto& reply : replies) xml.push(std::move(reply));
    Value out;
    out.set("xml", std::move(xml));
    return out;
}

std::optional<std::string> render_xml(const Value& record) {
    const Value& message = report::at_path(record, "error.message");
    if (!message.is_null())
        report::tell(
            join({"oob-wsman: ", report::text_at(record, "target"), ": ", message.text()}));
    std::string out;
    for (const auto& xml : report::at_path(record, "data.xml").items())
        out += join({xml.text(), "\n"});
    return out;
}

std::optional<std::string> render_table(const Value& record, report::Format format) {
    const Value& data = report::at_path(record, "data");
    if (format != report::Format::table || !report::at_path(record, "ok").truth() ||
        !data.is_object())
        return std::nullopt;
    std::string out = harmless(report::text_at(record, "target")) + "\n";
    const Value* items = data.find("items");
    if (!items) return out + lines_of(data);
    for (const auto& item : items->items()) out += lines_of(item) + "\n";
    return out;
}

}  // namespace oob::cmd
