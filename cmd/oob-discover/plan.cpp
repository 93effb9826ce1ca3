#include "plan.h"

#include "cli/values.h"
#include "core/text.h"
#include "plane/discovery/rmcp.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace oob::discover {

namespace discovery = plane::discovery;
using discovery::Service;

namespace {

constexpr std::uint64_t most_copies = 5;
constexpr std::uint64_t usual_copies = 3;
constexpr std::uint64_t largest_port = 65'535;
constexpr std::uint64_t first_amt_port = 16'992;
/// HTTP, HTTPS, redirection and redirection over TLS stand in a row.
constexpr std::uint64_t amt_ports = 4;

/// A name for --probe and what it stands for.
struct Probe {
    std::string_view name;
    bool ping = false;
    bool ipmi = false;
    std::vector<Service> tcp{};
};

const std::array<Probe, 9>& probes() {
    static const std::array<Probe, 9> all{{
        {"ping", true, false},
        {"ipmi", false, true},
        {"amt", false, false, {Service::amt_tls, Service::amt}},
        {"redirection", false, false, {Service::redirection_tls, Service::redirection}},
        {"redfish", false, false, {Service::redfish}},
        {"ssh", false, false, {Service::ssh}},
        {"rfb", false, false, {Service::rfb}},
        {"udp", true, true},
        {"tcp",
         false,
         false,
         {Service::amt_tls, Service::amt, Service::redirection_tls, Service::redirection,
          Service::redfish, Service::ssh, Service::rfb}},
    }};
    return all;
}

const Probe& probe_named(std::string_view name) {
    const auto found = std::ranges::find(probes(), name, &Probe::name);
    if (found != probes().end()) return *found;
    std::string known;
    for (const Probe& each : probes()) known += join({known.empty() ? "" : ", ", each.name});
    fail(Class::usage, "usage.probe", join({"there is no probe ", name}), "known are " + known);
}

std::uint16_t port_of(const std::optional<std::string>& text, const char* option,
                      std::uint16_t usual) {
    return static_cast<std::uint16_t>(cli::number(text, option, 1, largest_port, usual));
}

}  // namespace

void add_probe_options(cli::Verb& verb, Words& words) {
    verb.options.push_back(cli::list_option(
        "--probe", "NAME", words.probes,
        "what to ask: ping, ipmi, amt, redirection, redfish, ssh, rfb; udp and tcp stand for "
        "several (repeatable)"));
    verb.options.push_back(
        cli::text_option("--copies", "N", words.copies,
                         "datagrams before an address counts as silent, 1 to 5 (default 3)"));
    verb.options.push_back(
        cli::text_option("--rmcp-port", "PORT", words.rmcp_port, "UDP port to ask (default 623)"));
    verb.options.push_back(
        cli::text_option("--amt-port", "PORT", words.amt_port,
                         "AMT's HTTP port; HTTPS and redirection stand behind it (default 16992)"));
    verb.options.push_back(cli::text_option("--redfish-port", "PORT", words.redfish_port,
                                            "HTTPS port of Redfish (default 443)"));
    verb.options.push_back(
        cli::text_option("--ssh-port", "PORT", words.ssh_port, "SSH port (default 22)"));
    verb.options.push_back(cli::text_option("--rfb-port", "PORT", words.rfb_port,
                                            "port of the remote screen (default 5900)"));
}

void add_scan_options(cli::Verb& verb, Words& words) {
    verb.options.push_back(cli::text_option("--rate", "N", words.rate,
                                            "probes a second, 0 without limit (default 5000)"));
    verb.options.push_back(
        cli::list_option("--exclude-file", "FILE", words.exclude_files,
                         "addresses and ranges to leave out, one a line (repeatable)"));
    verb.options.push_back(
        cli::flag_option("--expect", words.expect, "finding nothing is a failure, exit status 3"));
}

Plan plan_of(const Words& words) {
    Plan out;
    std::vector<Service> wanted;
    const auto take_in = [&](const Probe& probe) {
        out.ping |= probe.ping;
        out.ipmi |= probe.ipmi;
        wanted.insert(wanted.end(), probe.tcp.begin(), probe.tcp.end());
    };
    for (const std::string& name : words.probes) take_in(probe_named(name));
    out.tcp_of_all = !wanted.empty();
    if (words.probes.empty())
        for (const char* name : {"udp", "tcp"}) take_in(probe_named(name));
    out.rmcp_port = port_of(words.rmcp_port, "--rmcp-port", discovery::rmcp_port);
    const auto amt = static_cast<std::uint16_t>(
        cli::number(words.amt_port, "--amt-port", 1, largest_port - amt_ports + 1, first_amt_port));
    out.amt_tls_port = static_cast<std::uint16_t>(amt + 1);
    out.copies =
        static_cast<unsigned>(cli::number(words.copies, "--copies", 1, most_copies, usual_copies));
    const auto place = [&](const discovery::ServiceName& each) -> std::uint16_t {
        switch (each.service) {
            case Service::redfish:
                return port_of(words.redfish_port, "--redfish-port", each.port);
            case Service::ssh:
                return port_of(words.ssh_port, "--ssh-port", each.port);
            case Service::rfb:
                return port_of(words.rfb_port, "--rfb-port", each.port);
            default:
                return static_cast<std::uint16_t>(amt + (each.port - first_amt_port));
        }
    };
    for (const auto& each : discovery::tcp_services)
        if (std::ranges::find(wanted, each.service) != wanted.end())
            out.tcp.push_back({each.service, place(each)});
    return out;
}

}  // namespace oob::discover
