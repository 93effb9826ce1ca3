#include "render.h"

#include "codec/wsman/schema.h"
#include "core/text.h"
#include "report/person.h"
#include "report/view.h"

namespace oob::cmd {

Value instance_value(const codec::wsman::Instance& instance) {
    const Value properties = codec::wsman::to_value(instance.members, instance.name);
    Value::Object out;
    out.emplace_back("@class", instance.name);
    out.insert(out.end(), properties.members().begin(), properties.members().end());
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

}  // namespace oob::cmd
