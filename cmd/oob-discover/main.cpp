#include "cli/app.h"
#include "probe.h"
#include "scan.h"
#include "trust.h"

namespace {

using namespace oob;

constexpr const char* examples =
    "  oob-discover scan 10.20.0.0/22\n"
    "  oob-discover scan --rate 500 --exclude-file printers.txt 10.0.0.0/16\n"
    "  oob-discover scan 10.20.0.0/22 | jq -c 'select(.device.protocol==\"amt\")' > lab.ndjson\n"
    "  oob-discover probe pc07.lab.example -o json\n"
    "  oob-discover trust pc[01-40].lab.example\n";

}  // namespace

int main(int argc, char** argv) {
    discover::Words words;
    cli::Tool tool;
    tool.name = "oob-discover";
    tool.summary = "find what manages machines below their operating system";
    tool.examples = examples;
    tool.protocols =
        "ASF presence ping, IPMI authentication capabilities, AMT over HTTP and TLS, Redfish, SSH, "
        "RFB";
    tool.verbs = {discover::scan_verb(words), discover::probe_verb(words), discover::trust_verb()};
    return cli::run(tool, argc, argv);
}
