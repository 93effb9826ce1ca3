#include "view.h"

#include "core/text.h"

namespace oob::sol {

using report::at_path;
using report::Details;
using report::text_at;

namespace {

constexpr std::size_t usual_bytes = 10;
constexpr std::size_t usual_script = 16;

Details log_details(const Value& record) {
    Details out;
    const Value& session = at_path(record, "data.session");
    if (session.is_null()) return out;
    out.push_back({"file", text_at(session, "file")});
    if (at_path(session, "gaps").integer() > 0)
        out.push_back({"gaps", join({text_at(session, "gaps"), ", between ",
                                     text_at(session, "connections"), " connections"})});
    return out;
}

std::string script_cell(const Value& record) {
    const Value& result = at_path(record, "data.expect.result");
    if (result.is_null()) return "-";
    return result.text() == "pass"
               ? "pass"
               : join({result.text(), " in line ", text_at(record, "data.expect.line")});
}

/// What was found, a line for each match: the groups of the pattern, or all of it.
Details expect_details(const Value& record) {
    Details out;
    const Value& message = at_path(record, "data.expect.message");
    if (!message.is_null()) out.push_back({"", std::string(message.text())});
    if (const Value& power = at_path(record, "data.power"); !power.is_null())
        out.push_back({"power", std::string(power.text())});
    for (const Value& match : at_path(record, "data.expect.matches").items()) {
        const Value& name = at_path(match, "name");
        std::string groups;
        for (const Value& group : at_path(match, "groups").items())
            groups += join({groups.empty() ? "" : ", ", group.text()});
        if (!groups.empty())
            out.push_back(
                {name.is_null() ? "line " + text_at(match, "line") : std::string(name.text()),
                 std::move(groups)});
    }
    return out;
}

}  // namespace

report::View log_view() {
    return report::standard_view(
        {{"HEARD",
          [](const Value& record) { return report::bytes_at(record, "data.session.heard_bytes"); },
          usual_bytes}},
        log_details);
}

report::View expect_view() {
    return report::standard_view({{"SCRIPT", script_cell, usual_script}}, expect_details);
}

}  // namespace oob::sol
