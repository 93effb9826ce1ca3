#include "cli/app.h"
#include "probe.h"
#include "scan.h"
#include "trust.h"

using namespace oob;

int main(int argc, char** argv) {
    discover::Words words;
    cli::Tool tool;
    tool.name = "oob-discover";
    tool.summary = "find what manages machines below their operating system";
    tool.examples = {"oob-discover scan 10.20.0.0/22 > lab.ndjson",
                     "oob-discover trust - < lab.ndjson",
                     "oob-discover scan 10.20.0.0/22 |\n"
                     "    jq -r 'select(.device.protocol==\"amt\").target'",
                     "oob-discover probe pc07 -o json", "oob-discover trust 'pc[01-40]'"};
    tool.protocols =
        "ASF presence ping, IPMI authentication capabilities, AMT over HTTP and TLS, Redfish, SSH, "
        "RFB";
    tool.verbs = {discover::scan_verb(words), discover::probe_verb(words), discover::trust_verb()};
    return cli::run(tool, argc, argv);
}
