#include "cli/app.h"
#include "control.h"
#include "run.h"

namespace {

using namespace oob;

constexpr const char* examples =
    "  oob-sim run                                   256 devices, 127.77.0.0 to 127.77.0.255\n"
    "  oob-sim run --listen 127.77.0.0/16 --generation mixed\n"
    "  oob-sim run --port-base 0 --for 10m --fault 127.77.0.5:latency=2s,jitter=500ms\n"
    "  oob-sim ctl get 127.77.0.5 power\n"
    "  oob-sim ctl set 127.77.0.5 power=off\n"
    "  oob-sim ctl fault 127.77.0.5 status=503,count=2\n"
    "  oob-sim ctl journal 127.77.0.5 | jq -c .data\n"
    "  oob-sim ctl stop\n"
    "\n"
    "The account is admin with the password P@ssw0rd unless --password-file says otherwise.\n"
    "When the devices can be reached, one record of type \"ready\" with the ports is printed.\n";

cli::Verb generations_verb() {
    cli::Verb out;
    out.name = "generations";
    out.summary = "the firmware generations that are built in";
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
    tool.examples = examples;
    tool.protocols =
        "Intel AMT (WS-Management and redirection over TCP and TLS), RMCP, NBD for lent drives";
    tool.verbs = {sim::run_verb(run), generations_verb()};
    for (cli::Verb& verb : sim::control_verbs(control)) tool.verbs.push_back(std::move(verb));
    return cli::run(tool, argc, argv);
}
