#include "cli/app.h"
#include "control.h"
#include "run.h"

namespace {

using namespace oob;

cli::Verb generations_verb() {
    cli::Verb out;
    out.name = "generations";
    out.also = {"versions", "list", "firmware"};
    out.summary = "list the firmware generations that are built in";
    out.examples = {"oob-sim generations | jq -r .data.name"};
    out.behind = "";
    out.takes = {};
    out.prepare = [](const cli::Parsed& parsed) {
        cli::Order order = cli::begin_order(parsed);
        order.work = cli::Errand([](fleet::Interrupt&) -> net::Task<int> {
            sim::print_generations();
            co_return 0;
        });
        return order;
    };
    return out;
}

}  // namespace

int main(int argc, char** argv) {
    sim::RunOptions run;
    sim::ControlOptions control;
    cli::Tool tool;
    tool.name = "oob-sim";
    tool.summary = "a fleet of virtual Intel AMT devices on this machine";
    tool.examples = {"oob-sim run --listen 127.77.0.0/24", "oob-sim ctl set 127.77.0.5 power=off",
                     "oob-sim ctl fault 127.77.0.5 status=503,count=2",
                     "oob-sim ctl journal 127.77.0.5 | jq -c .data", "oob-sim ctl stop"};
    tool.protocols =
        "Intel AMT (WS-Management and redirection over TCP and TLS), RMCP, NBD for lent drives";
    tool.verbs = {sim::run_verb(run), generations_verb()};
    for (cli::Verb& verb : sim::control_verbs(control)) tool.verbs.push_back(std::move(verb));
    return cli::run(tool, argc, argv);
}
