#include "scan.h"
#include "trust.h"

#include <utility>

namespace {

using namespace oob;

constexpr const char* examples =
    "  oob-discover scan 10.20.0.0/22\n"
    "  oob-discover scan --rate 500 --exclude-file printers.txt 10.0.0.0/16\n"
    "  oob-discover scan 10.20.0.0/22 | jq -c 'select(.device.protocol==\"amt\")' > lab.ndjson\n"
    "  oob-discover trust pc[01-40].lab.example\n";

cli::Verb scan_verb(discover::ScanWords& words) {
    cli::Verb verb;
    verb.name = "scan";
    verb.summary = "find management controllers by what answers on UDP 623, without a login";
    const auto text = [&](const char* name, const char* value, const char* help,
                          std::optional<std::string>& place) {
        cli::ToolOption option;
        option.name = name;
        option.help = help;
        option.value = value;
        option.text = &place;
        verb.options.push_back(std::move(option));
    };
    const auto list = [&](const char* name, const char* value, const char* help,
                          std::vector<std::string>& place) {
        cli::ToolOption option;
        option.name = name;
        option.help = help;
        option.value = value;
        option.list = &place;
        verb.options.push_back(std::move(option));
    };
    text("--rate", "N", "probes a second, 0 without limit (default 5000)", words.rate);
    text("--copies", "N", "datagrams before an address counts as silent, 1 to 5 (default 3)",
         words.copies);
    text("--rmcp-port", "PORT", "UDP port to ask (default 623)", words.rmcp_port);
    list("--probe", "NAME", "ping or ipmi (repeatable; default both)", words.probes);
    list("--exclude-file", "FILE", "addresses and ranges to leave out, one a line (repeatable)",
         words.exclude_files);
    cli::ToolOption expect;
    expect.name = "--expect";
    expect.help = "finding nothing is a failure, exit status 3";
    expect.flag = &words.expect;
    verb.options.push_back(std::move(expect));
    return verb;
}

cli::Tool tool_of(discover::ScanWords& words) {
    cli::Tool tool;
    tool.name = "oob-discover";
    tool.summary = "find what manages machines below their operating system";
    tool.examples = examples;
    tool.protocols = "ASF presence ping, IPMI authentication capabilities, TLS";
    tool.verbs.push_back(scan_verb(words));
    tool.verbs.push_back(discover::trust_verb());
    return tool;
}

}  // namespace

int main(int argc, char** argv) {
    discover::ScanWords words;
    const cli::Tool tool = tool_of(words);
    auto parsed = cli::parse_or_print(tool, argc, argv);
    if (!parsed) return parsed.error();
    return cli::report_failures(tool, [&] {
        if (parsed->verb->name != "scan")
            return cli::work(discover::trust_program(tool), *std::move(parsed));
        if (parsed->options.via)
            fail(Class::unsupported, "unsupported.via", "a scan cannot go through --via",
                 "run it on a host that reaches the devices");
        return discover::scan(tool, *parsed, words);
    });
}
