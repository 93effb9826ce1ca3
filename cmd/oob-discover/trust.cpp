#include "trust.h"

#include "net/trust.h"
#include "report/view.h"

#include <utility>

namespace oob::discover {

namespace {

Value facts_value(const net::TlsFacts& facts) {
    Value out;
    out.set("fingerprint", facts.fingerprint)
        .set("subject", facts.subject)
        .set("issuer", facts.issuer)
        .set("not_after", facts.not_after)
        .set("self_signed", facts.self_signed);
    return out;
}

/// The key and what its certificate says of it stand under the row.
report::Details key_details(const Value& record) {
    report::Details out;
    for (const auto& [label, path] : {std::pair{"key", "device.fingerprint"},
                                      {"subject", "data.subject"},
                                      {"issuer", "data.issuer"},
                                      {"valid until", "data.not_after"}})
        if (const Value& value = report::at_path(record, path); !value.text().empty())
            out.push_back({label, std::string(value.text())});
    return out;
}

/// No firmware is told before a login.
report::View trust_view() {
    constexpr std::size_t usual_trust = 8;
    report::View out = report::standard_view(
        {report::path_column("TRUST", "data.trust", usual_trust)}, key_details);
    std::erase_if(out.columns, [](const report::Column& column) {
        return column.kind == report::Column::Kind::about;
    });
    return out;
}

/// The key is read without judging it, then held against the record of known devices.
net::Task<void> look(fleet::Attempt& attempt, cli::Reach reach) {
    const Target& target = attempt.target;
    if (target.scheme != amt_scheme)
        fail(Class::unsupported, "unsupported.tls", "there is no key to trust: " + target.scheme,
             "name the device as amt://HOST[:PORT]");
    const net::Endpoint device{target.host, target.port.value_or(*usual_port(target.scheme))};
    const net::Endpoint place{target.where(), device.port};
    net::TrustPolicy policy;
    policy.insecure = true;
    policy.compat = reach.trust_policy.compat;
    net::TrustedStream connection =
        co_await reach.trust->connect(co_await reach.dial(place), device, policy);
    connection.stream->close();
    const net::TlsFacts& facts = connection.trusted.facts;
    if (facts.fingerprint.empty())
        fail(Class::tls, "tls.no_certificate", "the peer shows no certificate",
             "is this a managed device?");
    attempt.findings.device.fingerprint = facts.fingerprint;
    attempt.data = facts_value(facts);
    attempt.data.set("endpoint", net::to_string(device));
    const auto known = reach.trust->knows(device, target.address, facts.fingerprint);
    const auto& pin = reach.trust_policy.pin;
    if (pin && *pin != facts.fingerprint)
        fail(Error(Class::tls, "tls.pin", "the device's key is not the pinned one",
                   "if its certificate was replaced on purpose, pin " + facts.fingerprint)
                 .with("fingerprint", facts.fingerprint)
                 .with("pin", *pin));
    if (attempt.dry_run)
        attempt.data.set("plan", known ? fleet::nothing_to_do : std::string_view("record the key"));
    const bool is_new = !known && !attempt.dry_run;
    if (is_new)
        co_await reach.trust->known_devices().record(device, facts.fingerprint, target.address);
    attempt.data.set("trust", known ? "known" : is_new ? "recorded" : "new");
    const net::Verified now = is_new ? net::Verified::first_use : net::Verified::none;
    attempt.findings.tls =
        TlsSummary{facts.version, std::string(name(known.value_or(now))), policy.compat};
}

}  // namespace

cli::Verb trust_verb() {
    cli::Verb verb;
    verb.name = "trust";
    verb.summary = "show the TLS keys of devices and record those that are new";
    verb.examples = {"oob-discover trust 'pc[01-40]'",
                     "oob-discover trust --dry-run pc07         # shows its key, records nothing"};
    verb.also = {"pin", "key", "keys", "known", "accept", "record"};
    verb.takes = cli::reach_devices | cli::Group::dry_run;
    verb.prepare = [](const cli::Parsed& parsed) {
        cli::Order order = cli::begin_order(parsed);
        order.view = trust_view();
        order.work = cli::Act(look);
        return order;
    };
    return verb;
}

}  // namespace oob::discover
