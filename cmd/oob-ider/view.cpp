#include "view.h"

namespace oob::ider {

using report::bytes_at;

namespace {

constexpr std::size_t usual_bytes = 10;
constexpr std::size_t usual_reason = 15;

report::Column switch_column(const char* heading, const char* path, const char* yes,
                             const char* no) {
    return {heading, [=](const Value& record) -> std::string {
                const std::string truth = report::truth_at(record, path);
                return truth == "-" ? truth : truth == "yes" ? yes : no;
            }};
}

report::Details loan_details(const Value& record) {
    report::Details out;
    const Value& session = report::at_path(record, "data.session");
    if (report::at_path(session, "written_bytes").integer() > 0)
        out.push_back({"", "the host wrote " + bytes_at(session, "written_bytes")});
    if (report::at_path(session, "failures").integer() > 0)
        out.push_back({"", report::text_at(session, "failures") + " of its commands failed"});
    return out;
}

}  // namespace

report::View loan_view() {
    return report::standard_view(
        {{"READ", [](const Value& record) { return bytes_at(record, "data.session.read_bytes"); },
          usual_bytes},
         report::path_column("ENDED", "data.session.reason", usual_reason)},
        loan_details);
}

report::View status_view() {
    return report::standard_view({switch_column("REDIRECTION", "data.media.enabled", "on", "off"),
                                  switch_column("LISTENER", "data.media.listener", "on", "off"),
                                  switch_column("SESSION", "data.media.session", "open", "none")});
}

}  // namespace oob::ider
