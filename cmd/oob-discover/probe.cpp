#include "probe.h"

#include "fleet/scan.h"
#include "found.h"
#include "plane/discovery/rmcp.h"

#include <memory>
#include <random>
#include <utility>

namespace oob::discover {

namespace discovery = plane::discovery;

namespace {

/// A port in the target moves AMT's row of ports: it is the one that the scheme stands for.
Plan plan_for(Plan plan, const Target& target) {
    if (!target.port) return plan;
    const bool plain = target.scheme == amt_plain_scheme;
    const auto http = static_cast<std::uint16_t>(plain ? *target.port : *target.port - 1);
    const int shift = http - (plan.amt_tls_port - 1);
    for (discovery::Question& question : plan.tcp)
        if (question.service != discovery::Service::redfish &&
            question.service != discovery::Service::ssh &&
            question.service != discovery::Service::rfb)
            question.port = static_cast<std::uint16_t>(question.port + shift);
    plan.amt_tls_port = static_cast<std::uint16_t>(http + 1);
    return plan;
}

/// The same datagrams as in a scan, to one address.
net::Task<discovery::Sighting> ask_over_udp(std::string address, Plan plan,
                                            std::optional<std::string> source,
                                            std::chrono::milliseconds limit) {
    fleet::AddressList only;
    take(only.add(address));
    only.finish();
    fleet::ScanOptions options;
    if (plan.ping)
        options.probes.push_back({"ping", discovery::presence_ping, discovery::is_presence_pong});
    if (plan.ipmi)
        options.probes.push_back({"ipmi", discovery::ipmi_question, discovery::is_ipmi_answer});
    options.port = plan.rmcp_port;
    options.copies = plan.copies;
    options.seed = std::random_device{}();
    options.deadline = limit;
    if (source) options.source = net::IpAddress::parse(*source);
    std::optional<fleet::Found> answer;
    fleet::Scan engine(only, std::move(options),
                       [&](fleet::Found found) { answer = std::move(found); });
    co_await engine.run();
    std::optional<Bytes> pong;
    std::optional<Bytes> ipmi;
    std::size_t at = 0;
    if (answer && plan.ping) pong = std::move(answer->answers[at++]);
    if (answer && plan.ipmi) ipmi = std::move(answer->answers[at]);
    co_return discovery::describe(pong, ipmi, plan.rmcp_port);
}

net::Task<void> probe(fleet::Attempt& attempt, cli::Reach reach, Plan plan) {
    const Target& target = attempt.target;
    plan = plan_for(std::move(plan), target);
    discovery::Sighting sighting;
    std::string address = target.where();
    const bool udp = plan.ping || plan.ipmi;
    if (udp && reach.indirect) {
        attempt.findings.warnings.emplace_back("not asked over UDP, which --via cannot carry");
    } else if (udp) {
        address = (co_await net::resolve_host(target.where(), reach.family, reach.connect_timeout))
                      .front();
        sighting = co_await ask_over_udp(address, plan, reach.source, attempt.limit);
    }
    std::vector<discovery::Face> faces =
        co_await discovery::ask_all(address, plan.tcp, {reach.dial, reach.trust});
    for (discovery::Face& face : faces) sighting.add(std::move(face));
    if (sighting.services.empty())
        fail(Error(Class::connect, "connect.nothing",
                   "nothing that was asked answers at " + target.where(),
                   "is it on, and reachable from here? AMT may be off, or may not be set up"));
    const std::string name = attempt.findings.device.name;
    attempt.findings.device = facts_of(sighting, name.empty() ? target.host : name, address);
    attempt.findings.tls = std::move(sighting.tls);
    attempt.data = sighting.take_data();
    attempt.data.set("target", target_of(sighting, target.host, plan));
}

}  // namespace

cli::Verb probe_verb(Words& words) {
    cli::Verb verb;
    verb.name = "probe";
    verb.summary = "ask devices everything that they tell without a login";
    verb.examples = {"oob-discover probe pc07",
                     "oob-discover probe -o json pc07 | jq '.[].data.services'"};
    verb.also = {"check", "test", "ask", "ping", "identify", "info"};
    // It looks at keys, and judges none; old versions of TLS are tried in any case.
    verb.takes = cli::reach_devices.without(cli::Group::pin | cli::Group::compat);
    add_probe_options(verb, words);
    verb.prepare = [&words](const cli::Parsed& parsed) {
        cli::Order order = cli::begin_order(parsed);
        order.view = probe_view();
        order.work = cli::Act([plan = plan_of(words)](fleet::Attempt& attempt, cli::Reach reach) {
            return probe(attempt, std::move(reach), plan);
        });
        return order;
    };
    return verb;
}

}  // namespace oob::discover
