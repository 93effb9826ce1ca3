#include "probe.h"
#include "scan.h"
#include "trust.h"

#include <utility>

namespace {

using namespace oob;

constexpr const char* examples =
    "  oob-discover scan 10.20.0.0/22\n"
    "  oob-discover scan --rate 500 --exclude-file printers.txt 10.0.0.0/16\n"
    "  oob-discover scan 10.20.0.0/22 | jq -c 'select(.device.protocol==\"amt\")' > lab.ndjson\n"
    "  oob-discover probe pc07.lab.example -o json\n"
    "  oob-discover trust pc[01-40].lab.example\n";

cli::Tool tool_of(discover::Words& words) {
    cli::Tool tool;
    tool.name = "oob-discover";
    tool.summary = "find what manages machines below their operating system";
    tool.examples = examples;
    tool.protocols =
        "ASF presence ping, IPMI authentication capabilities, AMT over HTTP and TLS, Redfish, SSH, "
        "RFB";
    tool.verbs.push_back(discover::scan_verb(words));
    tool.verbs.push_back(discover::probe_verb(words));
    tool.verbs.push_back(discover::trust_verb());
    return tool;
}

}  // namespace

int main(int argc, char** argv) {
    discover::Words words;
    const cli::Tool tool = tool_of(words);
    auto parsed = cli::parse_or_print(tool, argc, argv);
    if (!parsed) return parsed.error();
    return cli::report_failures(tool, [&] {
        if (parsed->verb->name == "trust")
            return cli::work(discover::trust_program(tool), *std::move(parsed));
        if (parsed->verb->name == "probe")
            return cli::work(discover::probe_program(tool, words), *std::move(parsed));
        if (parsed->options.via)
            fail(Class::unsupported, "unsupported.via", "a scan cannot go through --via",
                 "run it on a host that reaches the devices");
        return discover::scan(tool, *parsed, words);
    });
}
