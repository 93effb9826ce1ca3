#include "cli/app.h"
#include "core/error.h"
#include "open_device.h"

#include <array>
#include <optional>

namespace {

using namespace oob;
using net::Task;

struct Row {
    const char* name;
    std::optional<plane::PowerAction> action;  ///< none: only look
    const char* summary;
};

constexpr std::array<Row, 5> verbs{{
    {"status", std::nullopt, "show the power state"},
    {"on", plane::PowerAction::on, "switch on"},
    {"off", plane::PowerAction::off, "switch off at once, without asking the operating system"},
    {"cycle", plane::PowerAction::cycle,
     "switch off and on again; a host that is off is switched on"},
    {"reset", plane::PowerAction::reset, "press the reset button"},
}};

constexpr const char* examples =
    "  oob-power status pc[01-40].lab.example\n"
    "  oob-power on --credential file:/etc/oob/amt.secret pc07\n"
    "  oob-power status - < lab.ndjson | jq -c 'select(.state.after.power==\"off\")' | oob-power "
    "on --yes -\n";

/// Copies what the switch saw into the record, whatever became of the action.
void note(fleet::Attempt& attempt, const plane::PowerWatch& watch) {
    if (watch.before) attempt.before = watch.before->to_value();
    if (watch.after) attempt.after = watch.after->to_value();
    attempt.changed = watch.sent;
    attempt.verified = watch.verified;
    if (!watch.warning.empty()) attempt.findings.warnings.push_back(watch.warning);
}

Task<void> act(plane::Power* power, std::optional<plane::PowerAction> action,
               fleet::Attempt& attempt, plane::PowerWatch& watch) {
    if (!action) {
        watch.after = co_await power->read();
    } else if (attempt.dry_run) {
        const std::string plan = co_await power->plan(*action, watch);
        attempt.data.set("plan", plan.empty() ? "nothing to do" : plan);
    } else {
        // Some of the device's time is left for saying that the state was not reached.
        co_await power->apply(*action, attempt.limit * 4 / 5, watch);
    }
}

Task<void> serve(std::optional<plane::PowerAction> action, fleet::Attempt& attempt,
                 cli::Reach reach) {
    const std::optional<std::string> expected = reach.expected_uuid;
    const plane::DevicePtr device = plane::open(cmd::access_for(attempt, std::move(reach)));
    plane::Power* power = device->power();
    if (power == nullptr)
        fail(Class::unsupported, "unsupported.power", "this plane cannot switch power",
             "use a target of another kind for the same machine");
    plane::PowerWatch watch;
    // The guard writes down what is known also when the action fails or runs out of time.
    struct Guard {
        fleet::Attempt& attempt;
        plane::PowerWatch& watch;
        ~Guard() { note(attempt, watch); }
    } guard{attempt, watch};
    co_await device->identify();
    if (action) co_await cmd::require_identity(*device, attempt.findings, expected);
    co_await act(power, action, attempt, watch);
}

cli::Program program() {
    cli::Program out;
    out.tool.name = "oob-power";
    out.tool.summary = "switch machines on and off below their operating system";
    out.tool.examples = examples;
    out.tool.protocols = "Intel AMT (WS-Management over HTTP and TLS)";
    for (const auto& row : verbs) {
        cli::Verb verb;
        verb.name = row.name;
        verb.effect = row.action ? fleet::Effect::changes : fleet::Effect::reads;
        verb.summary = row.summary;
        out.tool.verbs.push_back(std::move(verb));
    }
    out.columns =
        report::standard_columns({{"POWER", [](const Value& record) {
                                       return report::text_at(record, "state.after.power");
                                   }}});
    out.prepare = [](const cli::Parsed& parsed) -> cli::Act {
        std::optional<plane::PowerAction> action;
        for (const auto& row : verbs)
            if (parsed.verb->name == row.name) action = row.action;
        return [action](fleet::Attempt& attempt, cli::Reach reach) {
            return serve(action, attempt, std::move(reach));
        };
    };
    return out;
}

}  // namespace

int main(int argc, char** argv) { return cli::run(program(), argc, argv); }
