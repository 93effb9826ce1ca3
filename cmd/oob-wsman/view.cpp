#include "view.h"

#include "core/json.h"

#include <algorithm>

namespace oob::cmd {

using report::at_path;
using report::Details;

namespace {

std::string text_of(const Value& value) {
    return value.is_string() ? std::string(value.text()) : to_json(value);
}

void add_instance(Details& out, const Value& instance) {
    for (const auto& [name, value] : instance.members())
        if (name != "plan") out.push_back({name, text_of(value)});
}

/// "HostName  pc1 -> pc2".
void add_differences(Details& out, const Value& before, const Value& after) {
    for (const auto& [name, value] : after.members()) {
        const Value* old = before.find(name);
        if (old && *old == value) continue;
        out.push_back(
            {name, (old ? text_of(*old) : std::string("nothing")) + " -> " + text_of(value)});
    }
}

Details details(const Value& record) {
    Details out;
    const Value& before = at_path(record, "state.before");
    const Value& after = at_path(record, "state.after");
    const Value& data = at_path(record, "data");
    if (!before.is_null() && !after.is_null()) {
        add_differences(out, before, after);
        return out;
    }
    if (const Value* items = data.find("items")) {
        for (const Value& item : items->items()) {
            if (!out.empty()) out.push_back({});
            add_instance(out, item);
        }
        return out;
    }
    add_instance(out, data);
    if (data.is_null() || data.find("plan")) add_instance(out, before);
    return out;
}

}  // namespace

report::View wsman_view() { return report::standard_view({}, details); }

}  // namespace oob::cmd
