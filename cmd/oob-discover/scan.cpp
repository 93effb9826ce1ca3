#include "scan.h"

#include "cli/app.h"
#include "cli/environment.h"
#include "cli/fanout.h"
#include "cli/values.h"
#include "core/text.h"
#include "fleet/scan.h"
#include "found.h"
#include "net/bell.h"
#include "net/group.h"
#include "net/source_address.h"
#include "net/trust.h"
#include "plane/discovery/rmcp.h"
#include "report/person.h"
#include "report/record.h"
#include "report/sink.h"
#include "report/width.h"
#include "wanted.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <random>
#include <utility>

namespace oob::discover {

namespace discovery = plane::discovery;

namespace {

constexpr std::uint64_t usual_rate = 5'000;
constexpr std::uint64_t highest_rate = 10'000'000;
/// Addresses that wait to be asked over TCP; more are not asked over UDP meanwhile.
constexpr std::size_t most_waiting = 4'096;
constexpr int nothing_found = 3;
constexpr int stopped_early = 5;
constexpr const char* action = "discover.scan";

/// What the words ask for.
struct Wish {
    Plan plan;
    std::uint64_t rate = usual_rate;
    bool expect = false;
};

Wish wish_of(const Words& words) {
    return {plan_of(words), cli::number(words.rate, "--rate", 0, highest_rate, usual_rate),
            words.expect};
}

/// One scan from the words to the last record.
class Sweep {
 public:
    Sweep(const cli::Parsed& parsed, Wish wish, fleet::Interrupt& interrupt)
        : tool_(*parsed.tool),
          options_(parsed.options),
          interrupt_(interrupt),
          expect_(wish.expect),
          plan_(std::move(wish.plan)),
          rate_(wish.rate),
          trust_(cli::known_devices_file(), std::nullopt),
          fanout_(cli::fitting_fanout(parsed, plan_.tcp.size() + 1)),
          sink_(options_.output.value_or(::isatty(STDOUT_FILENO) != 0 ? report::Format::table
                                                                      : report::Format::ndjson),
                scan_view(), [this](std::string_view text) { lines_ += text; }, {},
                {report::output_width()}) {
        summary_.tool = tool_.name;
        summary_.action = action;
        if (options_.dial.bind) source_ = net::IpAddress::parse(*options_.dial.bind);
    }

    /// From the look-ups to the last record: the exit status, signals left out. Must be awaited to
    /// its end; the sweep outlives it.
    net::Task<int> run(Wanted wanted) {
        const auto begin = net::Clock::now();
        // Whatever ends it, the summary tells what was done.
        const auto done = co_await net::attempt(sweep_all(std::move(wanted)));
        summary_.duration =
            std::chrono::duration_cast<std::chrono::milliseconds>(net::Clock::now() - begin);
        if (options_.summary) sink_.add(to_value(summary_));
        sink_.finish();
        flush();
        if (!done && done.error().kind != Class::interrupted) fail(done.error());
        co_return status();
    }

 private:
    fleet::ScanOptions scan_options() {
        fleet::ScanOptions out;
        if (plan_.ping)
            out.probes.push_back({"ping", discovery::presence_ping, discovery::is_presence_pong});
        if (plan_.ipmi)
            out.probes.push_back({"ipmi", discovery::ipmi_question, discovery::is_ipmi_answer});
        out.port = plan_.rmcp_port;
        out.rate = rate_;
        out.copies = plan_.copies;
        out.deadline = options_.limits.deadline;
        out.seed = std::random_device{}();
        out.source = source_;
        out.reported = [this] { flush(); };
        out.tell_silent = plan_.tcp_of_all;
        out.hold = [this] { return waiting_.size() >= most_waiting; };
        return out;
    }

    net::Task<void> sweep_all(Wanted wanted) {
        co_await interrupt_.cut_off(look_up(
            wanted, options_.dial,
            [this](const Target& target, const Error& error) { report_failure(target, error); }));
        flush();
        called_ = std::move(wanted.called);
        wanted.addresses.finish();
        warn_of_exclusions(wanted);
        require_family(wanted.addresses);
        fleet::Scan engine(wanted.addresses, scan_options(),
                           [this](fleet::Found found) { take_found(std::move(found)); });
        engine_ = &engine;
        net::Group watch;
        net::Group group;
        co_await watch.spawn(drain_on_interrupt());
        co_await group.spawn(sweep(engine));
        co_await group.spawn(follow_up());
        const auto swept = co_await net::attempt(group.join());
        watch.cancel();
        co_await watch.join();
        engine_ = nullptr;
        summary_.targets += engine.asked() + engine.left();
        // Who was not asked to the end is not known to be silent.
        summary_.not_started = engine.left() + waiting_.size() + unfinished_;
        summary_.silent = summary_.targets - summary_.ok - summary_.failed - summary_.not_started;
        summary_.stopped_early = summary_.not_started > 0;
        refused_ = engine.refused();
        take(swept);
        if (failure_) fail(*failure_);
    }

    /// `wanted` is finished. A list of exclusions may be for more than this scan, so they are only
    /// told of, the first few with what may have been meant.
    void warn_of_exclusions(const Wanted& wanted) const {
        constexpr std::size_t most_told = 5;
        if (options_.quiet) return;
        const auto idle = wanted.without_effect();
        for (std::size_t i = 0; i < std::min(idle.size(), most_told); ++i)
            cli::say(tool_, join({"warning: ", idle[i].message, "; ", idle[i].hint}));
        if (idle.size() > most_told)
            cli::say(tool_, join({"warning: ", std::to_string(idle.size() - most_told),
                                  " other exclusions take nothing away either"}));
    }

    /// Addresses that nothing can be sent to would all count as silent.
    void require_family(const fleet::AddressList& addresses) const {
        if (addresses.size() == 0) return;
        const bool ipv6 = !addresses.at(0).is_ipv4();
        const bool both = ipv6 == addresses.at(addresses.size() - 1).is_ipv4();
        if (both) return;
        if (source_ && source_->is_ipv4() == ipv6)
            fail(Class::usage, "usage.bind",
                 join({"--bind ", *options_.dial.bind, " is ", ipv6 ? "IPv4" : "IPv6",
                       ", and all addresses are ", ipv6 ? "IPv6" : "IPv4"}),
                 "give a source address of the same family, or leave --bind away");
        const net::Family family = options_.dial.family;
        if (family != net::Family::any && (family == net::Family::ipv6) != ipv6)
            fail(Class::usage, "usage.family",
                 join({"all addresses are ", ipv6 ? "IPv6, and -4" : "IPv4, and -6",
                       " wants the others"}),
                 "leave -4 or -6 away");
    }

    net::Task<void> drain_on_interrupt() {
        co_await interrupt_.wait();
        drain();
    }

    void drain() {
        if (engine_) engine_->drain();
    }

    int status() const {
        if (refused_ > 0 && !options_.quiet)
            cli::say(tool_,
                     std::to_string(refused_) +
                         " datagrams could not be sent from here (no route, or not permitted)");
        if (summary_.stopped_early && !options_.quiet)
            cli::say(tool_, join({"stopped; ", std::to_string(summary_.not_started),
                                  " addresses were not asked"}));
        if (summary_.stopped_early) return stopped_early;
        if (summary_.failed > 0) return exit_status(Class::resolve);
        if (summary_.ok == 0 && !options_.quiet) tell_of_silence();
        return expect_ && summary_.ok == 0 ? nothing_found : 0;
    }

    /// Nothing on standard output may mean anything, so what was asked is said.
    void tell_of_silence() const {
        // TCP is asked of those who answer over UDP, unless it was named.
        const bool udp_decides = !plan_.tcp.empty() && !plan_.tcp_of_all;
        std::string ports;
        if (plan_.ping || plan_.ipmi) ports = join({"UDP ", std::to_string(plan_.rmcp_port)});
        std::string_view before = ports.empty() ? "TCP " : ", TCP ";
        for (const auto& question : plan_.tcp) {
            if (udp_decides) break;
            ports += join({before, std::to_string(question.port)});
            before = ", ";
        }
        cli::say(tool_, join({"no answer from ", std::to_string(summary_.targets),
                              summary_.targets == 1 ? " address (" : " addresses (", ports, ")",
                              udp_decides ? "; TCP was not asked" : ""}));
        report::tell(join({"hint: are they on, and reachable from here?",
                           udp_decides ? " a firewall may keep UDP back: --probe amt asks each "
                                         "over TCP"
                                       : ""}));
    }

    net::Task<void> sweep(fleet::Scan& engine) {
        const auto swept = co_await net::attempt(engine.run());
        if (!swept) failure_ = swept.error();
        swept_ = true;
        changed_.ring();
    }

    void take_found(fleet::Found found) {
        if (plan_.tcp.empty()) {
            report_found(found, sighting_of(found));
            return;
        }
        waiting_.push_back(std::move(found));
        changed_.ring();
    }

    discovery::Sighting sighting_of(fleet::Found& found) const {
        std::optional<Bytes> pong;
        std::optional<Bytes> ipmi;
        std::size_t at = 0;
        if (plan_.ping) pong = std::move(found.answers[at++]);
        if (plan_.ipmi) ipmi = std::move(found.answers[at]);
        return discovery::describe(pong, ipmi, plan_.rmcp_port);
    }

    /// Asks those that were found what they serve on TCP, so many at a time.
    net::Task<void> follow_up() {
        net::Group pool;
        for (;;) {
            while (!waiting_.empty() && !failure_) {
                fleet::Found found = std::move(waiting_.front());
                waiting_.pop_front();
                co_await pool.wait_until_at_most(fanout_ - 1);
                co_await pool.spawn(ask_found(std::move(found)));
            }
            if (swept_) break;
            co_await changed_.wait();
        }
        co_await pool.join();
    }

    net::Task<void> ask_found(fleet::Found found) {
        const auto begin = net::Clock::now();
        discovery::Sighting sighting = sighting_of(found);
        discovery::Asking asking{net::direct(options_.dial), &trust_,
                                 [this] { return engine_->take_token(); }};
        auto faces = co_await net::attempt(
            discovery::ask_all(net::to_string(found.address), plan_.tcp, std::move(asking)));
        if (!faces) {
            failure_ = faces.error();
            ++unfinished_;
            drain();
            co_return;
        }
        for (discovery::Face& face : *faces) sighting.add(std::move(face));
        found.elapsed +=
            std::chrono::duration_cast<std::chrono::milliseconds>(net::Clock::now() - begin);
        if (!sighting.services.empty()) report_found(found, std::move(sighting));
        flush();
    }

    void report_found(const fleet::Found& found, discovery::Sighting sighting) {
        std::string address = net::to_string(found.address);
        const auto called = called_.find(found.address);
        report::Record out;
        out.tool = tool_.name;
        out.time = std::chrono::system_clock::now();
        out.target = target_of(sighting, called == called_.end() ? address : called->second, plan_);
        out.action = action;
        out.ok = true;
        out.findings.device =
            facts_of(sighting, called == called_.end() ? address : called->second, address);
        out.findings.tls = std::move(sighting.tls);
        out.data = sighting.take_data();
        out.attempts = static_cast<int>(std::max(found.copies, 1U));
        out.duration = found.elapsed;
        ++summary_.ok;
        sink_.add(out);
    }

    void report_failure(const Target& target, const Error& error) {
        report::Record out;
        out.tool = tool_.name;
        out.time = std::chrono::system_clock::now();
        out.target = target.host;
        out.action = action;
        out.findings.device.name = target.host;
        out.error = error;
        ++summary_.targets;
        ++summary_.failed;
        sink_.add(out);
    }

    /// One write for all that arrived together.
    void flush() {
        report::write_to_stdout(lines_);
        lines_.clear();
    }

    const cli::Tool& tool_;
    const cli::Options& options_;
    fleet::Interrupt& interrupt_;
    bool expect_;
    Plan plan_;
    std::uint64_t rate_;
    net::Trust trust_;
    std::size_t fanout_;
    std::string lines_;
    report::Sink sink_;
    report::Summary summary_;
    std::optional<net::IpAddress> source_;
    std::map<net::IpAddress, std::string> called_;
    std::deque<fleet::Found> waiting_;
    net::Bell changed_;
    fleet::Scan* engine_ = nullptr;  // while it runs
    std::optional<Error> failure_;
    std::uint64_t refused_ = 0;
    std::size_t unfinished_ = 0;  // found, but not asked to the end
    bool swept_ = false;
};

}  // namespace

namespace {

net::Task<int> scan(const cli::Parsed& words, Wish wish, std::vector<std::string> exclude_files,
                    fleet::Interrupt& interrupt) {
    cli::Parsed parsed = words;
    Wanted wanted = collect(parsed, exclude_files);
    take(cli::apply_defaults(parsed.options, wanted.defaults()));
    if (wanted.defaults().via && !parsed.options.quiet)
        cli::say(*parsed.tool,
                 "warning: a scan goes from here, not through via of the configuration");
    if (parsed.options.dial.bind)
        take(net::check_source(*parsed.options.dial.bind, parsed.options.dial.family));
    if (parsed.options.dry_run || wanted.names.empty()) {
        fleet::AddressList known = wanted.addresses;
        known.finish();
        if (known.size() == 0 && wanted.names.empty()) {
            cli::say(*parsed.tool, "no address is left to ask");
            co_return nothing_found;
        }
        if (parsed.options.dry_run) {
            cli::say(
                *parsed.tool,
                "would ask " + std::to_string(known.size() + wanted.names.size()) + " addresses");
            co_return 0;
        }
    }
    Sweep sweep(parsed, std::move(wish), interrupt);
    co_return co_await sweep.run(std::move(wanted));
}

}  // namespace

cli::Verb scan_verb(Words& words) {
    using cli::Group;
    cli::Verb verb;
    verb.name = "scan";
    verb.summary = "find management controllers by what answers without a login";
    verb.also = {"discover", "find", "sweep", "search", "list", "nmap"};
    verb.behind = "ADDRESS ...";
    verb.examples = {"oob-discover scan 10.20.0.0/22",
                     "oob-discover scan --rate 2000 --exclude-file printers.txt 10.20.0.0/22",
                     "oob-discover scan --probe amt '10.20.0.[1-40]' > lab.ndjson"};
    verb.takes = Group::targets | Group::output | Group::run | Group::dry_run | Group::fanout |
                 Group::deadline | Group::connect;
    add_probe_options(verb, words);
    add_scan_options(verb, words);
    verb.prepare = [&words](const cli::Parsed& parsed) {
        if (const char* via = std::getenv("OOB_VIA"); via && *via)
            fail(Class::unsupported, "unsupported.via", "a scan cannot go through OOB_VIA",
                 "run it on a host that reaches the devices, without the variable");
        cli::Order order = cli::begin_order(parsed);
        order.work = cli::Errand([&parsed, wish = wish_of(words),
                                  files = words.exclude_files](fleet::Interrupt& interrupt) {
            return scan(parsed, wish, files, interrupt);
        });
        return order;
    };
    return verb;
}

}  // namespace oob::discover
