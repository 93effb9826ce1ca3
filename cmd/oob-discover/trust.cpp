#include "trust.h"

#include "cli/app.h"
#include "cli/targets.h"
#include "core/text.h"
#include "fleet/runner.h"
#include "net/run.h"
#include "net/trust.h"
#include "report/sink.h"
#include "report/table.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

namespace oob::discover {

namespace {

constexpr std::uint16_t amt_tls_port = 16993;

/// What the devices of one run share.
struct Notary {
    explicit Notary(const cli::Options& given)
        : options(given), known(cli::known_devices_file()), trust(known.path(), given.tls_ca) {}

    const cli::Options& options;
    fleet::Inventory inventory;
    net::KnownDevices known;
    net::Trust trust;
};

Value facts_value(const net::TlsFacts& facts) {
    Value out;
    out.set("fingerprint", facts.fingerprint)
        .set("subject", facts.subject)
        .set("issuer", facts.issuer)
        .set("not_after", facts.not_after)
        .set("self_signed", facts.self_signed);
    return out;
}

/// The key is read without judging it, then held against the record of known devices.
net::Task<void> look(Notary& notary, fleet::Attempt& attempt) {
    const Target& target = attempt.target;
    if (target.scheme != amt_scheme)
        fail(Class::unsupported, "unsupported.tls", "there is no key to trust: " + target.scheme,
             "name the device as amt://HOST[:PORT]");
    const fleet::Settings settings = notary.inventory.settings_of(target);
    const net::Endpoint endpoint{settings.address.value_or(target.host),
                                 target.port.value_or(amt_tls_port)};
    net::TrustPolicy policy;
    policy.insecure = true;
    policy.compat = notary.options.tls_compat || settings.tls_compat.value_or(false);
    const net::Dial dial = net::direct(notary.options.dial);
    net::TrustedStream connection =
        co_await notary.trust.connect(co_await dial(endpoint), endpoint, policy);
    connection.stream->close();
    const net::TlsFacts& facts = connection.trusted.facts;
    if (facts.fingerprint.empty())
        fail(Class::tls, "tls.no_certificate", "the peer shows no certificate",
             "is this a managed device?");
    attempt.findings.device.fingerprint = facts.fingerprint;
    attempt.data = facts_value(facts);
    attempt.data.set("endpoint", net::to_string(endpoint));
    const auto known = take(notary.known.find(endpoint));
    if (known && *known != facts.fingerprint)
        fail(Error(Class::tls, "tls.changed",
                   "the key of " + net::to_string(endpoint) + " has changed",
                   "if the device was reset or replaced on purpose, remove its line from " +
                       notary.known.path().string())
                 .with("fingerprint", facts.fingerprint)
                 .with("known", *known));
    auto pin = target.pin ? target.pin : settings.pin;
    if (!pin) pin = notary.options.tls_pin;
    if (pin && take(parse_pin(*pin)) != facts.fingerprint)
        fail(Error(Class::tls, "tls.pin", "the device's key is not the pinned one",
                   "if its certificate was replaced on purpose, pin " + facts.fingerprint)
                 .with("fingerprint", facts.fingerprint)
                 .with("pin", *pin));
    const bool record = !known && !attempt.dry_run;
    if (record) co_await notary.known.record(endpoint, facts.fingerprint);
    attempt.data.set("trust", known ? "known" : record ? "recorded" : "new");
    attempt.findings.tls = TlsSummary{facts.version,
                                      known    ? "known_device"
                                      : record ? "tofu"
                                               : "none",
                                      policy.compat};
}

}  // namespace

int trust(const cli::Tool& tool, const cli::Parsed& parsed) {
    const cli::Options& options = parsed.options;
    Notary notary(options);
    std::vector<fleet::Work> list = take(cli::collect_work(parsed, notary.inventory));
    const bool terminal = ::isatty(STDOUT_FILENO) != 0;
    report::Sink sink(
        options.output.value_or(terminal ? report::Format::table : report::Format::ndjson),
        report::standard_columns(
            {{"KEY",
              [](const Value& record) { return report::text_at(record, "device.fingerprint"); }},
             {"TRUST", [](const Value& record) { return report::text_at(record, "data.trust"); }}}),
        report::write_to_stdout);
    fleet::Job job;
    job.tool = tool.name;
    job.action = "discover.trust";
    job.dry_run = options.dry_run;
    job.act = [&](fleet::Attempt& attempt) { return look(notary, attempt); };
    fleet::Runner runner(std::move(job), options.limits, sink);
    int signal = 0;
    net::run([&] { return runner.run(std::move(list)); },
             [&](int which) {
                 if (signal != 0) std::_Exit(128 + which);
                 signal = which;
                 runner.drain();
             });
    if (options.summary) sink.add(to_value(runner.summary()));
    sink.finish();
    return signal != 0 ? 128 + signal : runner.exit_status();
}

}  // namespace oob::discover
