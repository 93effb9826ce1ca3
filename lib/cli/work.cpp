#include "cli/work.h"

#include "cli/app.h"
#include "cli/credential.h"
#include "cli/environment.h"
#include "cli/fanout.h"
#include "cli/password.h"
#include "cli/progress.h"
#include "cli/question.h"
#include "cli/remarks.h"
#include "cli/signals.h"
#include "cli/targets.h"
#include "cli/trace_file.h"
#include "cli/via.h"
#include "core/file.h"
#include "core/text.h"
#include "fleet/journal.h"
#include "net/deadline.h"
#include "net/group.h"
#include "net/run.h"
#include "net/source_address.h"
#include "report/width.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <set>

namespace oob::cli {

namespace {

using net::Task;

/// A connection or two, a file, and what a look-up or a command takes.
constexpr std::size_t descriptors_of_a_device = 6;
constexpr std::chrono::milliseconds between_looks_for_rows{100};

class Run {
 public:
    Run(const Parsed& parsed, const Order& order)
        : parsed_(parsed),
          order_(order),
          inventory_(take(load(parsed_.options))),
          credentials_(may_ask()),
          ways_(options_.dial, may_ask()),
          trust_(known_devices_file(), options_.tls_ca) {}

    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    int go() {
        // A way that all devices share ends the run, whatever is wrong with it.
        if (options_.via) take(ways_.dial(*options_.via));
        if (options_.dial.bind) take(net::check_source(*options_.dial.bind, options_.dial.family));
        // Devices that are known would hide a slip in its name.
        if (options_.tls_ca) take(read_file(*options_.tls_ca, "config.ca"));
        if (options_.trace) trace_ = take(TraceFile::open(*options_.trace));
        if (options_.journal && options_.dry_run)
            fail(Class::usage, "usage.journal", "a dry run does nothing that a journal could hold",
                 "leave --journal or --dry-run away");
        Gathered gathered = take(collect_work(parsed_, inventory_));
        judge_exclusions(parsed_, order_.effect, gathered.without_effect);
        excluded_ids_ = std::move(gathered.excluded_ids);
        std::vector<fleet::Work> list = std::move(gathered.list);
        for (auto& work : list) check(work);
        warn_of_plaintext(parsed_, list);
        if (options_.resume) {
            journal_.emplace(take(fleet::Journal::resume(*options_.resume, purpose())));
            judge_targets(parsed_, order_.effect, journal_->compare(list));
        }
        const bool wanted = take(confirm(parsed_, order_, list));
        if (options_.insecure)
            say(*parsed_.tool, "warning: --insecure: nobody checks whom you talk to");
        limits_.fanout = fitting_fanout(parsed_, descriptors_of_a_device);
        if (!wanted) return decline(list);
        const std::size_t before = list.size();
        if (journal_) list = journal_->remaining(std::move(list));
        if (list.size() < before && !options_.quiet)
            say(*parsed_.tool, join({std::to_string(before - list.size()), " of ",
                                     std::to_string(before), " targets were done before"}));
        nothing_left_ = before > 0 && list.empty();
        find_credentials(list);
        if (options_.journal) {
            journal_.emplace(take(fleet::Journal::create(*options_.journal, purpose())));
            take(journal_->intend(list));
        }
        return drive(std::move(list));
    }

 private:
    /// Who a device is told that we are. Several devices share one.
    struct Login {
        std::string user;
        std::string reference;
        std::string host;                ///< what a netrc file is asked for
        std::string scheme;              ///< of the first of them
        std::optional<Secret> password;  ///< nothing yet where a command has to be run
    };

    /// Loads the configuration and the inventories, and lets them say what options left open.
    static Result<fleet::Inventory> load(Options& options) {
        fleet::Inventory out;
        if (auto loaded = load_configuration(options, out); !loaded)
            return std::unexpected(std::move(loaded).error());
        if (auto applied = apply_defaults(options, out.defaults()); !applied)
            return std::unexpected(std::move(applied).error());
        return out;
    }

    bool may_ask() const { return !options_.no_input && ::isatty(STDERR_FILENO) != 0; }
    bool logs_in() const { return parsed_.verb->takes.has(Group::account); }

    fleet::Purpose purpose() const {
        return {parsed_.tool->name, order_.action, fleet::check_of(order_.words),
                order_.effect != fleet::Effect::reads};
    }

    /// What configuration and options say together about one target.
    fleet::Settings settings_of(const Target& target) const {
        fleet::Settings settings = inventory_.settings_of(target);
        if (options_.user) settings.user = options_.user;
        if (target.user) settings.user = target.user;
        if (options_.credential) settings.credential = options_.credential;
        if (!settings.user) settings.user = "admin";
        if (!settings.credential) settings.credential = "ask";
        if (target.uuid) settings.uuid = target.uuid;
        if (target.pin) settings.pin = target.pin;
        if (!settings.pin && options_.tls_pin) settings.pin = options_.tls_pin;
        if (options_.tls_compat) settings.tls_compat = true;
        if (options_.via) settings.via = options_.via;
        if (target.via) settings.via = target.via;
        if (options_.tls_tofu) settings.tls_tofu = options_.tls_tofu;
        if (options_.timeout_given || !settings.timeout) settings.timeout = limits_.timeout;
        if (options_.connect_timeout_given || !settings.connect_timeout)
            settings.connect_timeout = options_.dial.connect_timeout;
        return settings;
    }

    /// What makes no sense ends the run before the first device; what this version cannot do is the
    /// device's failure.
    void check(fleet::Work& work) {
        if (work.passed_through || work.error) return;
        const fleet::Settings settings = settings_of(work.target);
        const auto refuse = [&](Error error) {
            error.message = join({work.target.name, ": ", error.message});
            fail(std::move(error));
        };
        if (settings.pin)
            if (auto pin = parse_pin(*settings.pin); !pin) refuse(std::move(pin).error());
        work.timeout = settings.timeout;
        if (!settings.via) {
            if (options_.dial.bind) {
                const std::string where = settings.address.value_or(work.target.host);
                take(net::check_source_for(*options_.dial.bind, where));
            }
            return;
        }
        auto way = ways_.dial(*settings.via);
        if (way) return;
        if (way.error().kind == Class::usage) refuse(std::move(way).error());
        work.error = std::move(way).error();
    }

    Secret passphrase() {
        if (!options_.tls_key_password || is_command(*options_.tls_key_password)) return {};
        return take(credentials_.find(*options_.tls_key_password, "the client's key", ""));
    }

    /// Asks each source that answers at once before the first device is touched, so that a prompt
    /// never comes in the middle. The environment comes first: what stands there is taken out
    /// before a command starts.
    void find_credentials(std::vector<fleet::Work>& list) {
        const auto& key = options_.tls_key_password;
        const bool key_in_environment = key && key->starts_with("env:");
        if (key_in_environment) key_passphrase_ = passphrase();
        for (const bool environment : {true, false}) {
            if (!environment && !key_in_environment) key_passphrase_ = passphrase();
            if (!logs_in()) continue;
            for (auto& work : list) find_credential(work, environment);
        }
    }

    void find_credential(fleet::Work& work, bool environment) {
        if (work.passed_through || work.error) return;
        const fleet::Settings settings = settings_of(work.target);
        if (settings.credential->starts_with("env:") != environment) return;
        Login login{*settings.user, *settings.credential, work.target.host, work.target.scheme,
                    std::nullopt};
        // Only netrc tells hosts apart.
        if (!login.reference.starts_with("netrc")) login.host.clear();
        const std::string key = join({login.user, "\n", login.reference, "\n", login.host});
        if (!is_command(login.reference)) {
            auto found = credentials_.find(login.reference, login.user, login.host);
            if (!found) return without_credential(work, std::move(found).error());
            login.password = *std::move(found);
            if (auto good = check_password(*login.password, work.target.scheme, login.user); !good)
                return without_credential(work, std::move(good).error());
        }
        const auto [known, is_new] = places_.emplace(key, logins_.size());
        work.place = known->second;
        if (is_new) logins_.push_back(std::move(login));
    }

    /// A source that all devices share ends the run; one of this device's own is its own failure.
    void without_credential(fleet::Work& work, Error error) const {
        const bool shared = options_.credential && !options_.credential->starts_with("netrc");
        if (shared || error.kind == Class::usage) fail(std::move(error));
        work.error = std::move(error);
    }

    Task<void> find_password(Login& login, std::chrono::milliseconds limit) {
        if (!login.password) login.password = co_await credentials_.run(login.reference, limit);
    }

    /// What has to be waited for before the first device: bastions, which may ask a person, and the
    /// commands that all devices need.
    Task<void> get_ready() {
        if (options_.tls_key_password && is_command(*options_.tls_key_password))
            key_passphrase_ =
                co_await credentials_.run(*options_.tls_key_password, limits_.timeout);
        if (options_.tls_cert)
            trust_.set_identity(take(
                net::TlsIdentity::load(*options_.tls_cert, options_.tls_key, key_passphrase_)));
        if (options_.credential && is_command(*options_.credential))
            for (Login& login : logins_) {
                co_await find_password(login, limits_.timeout);
                take(check_password(*login.password, login.scheme, login.user));
            }
        co_await ways_.connect();
    }

    Task<Reach> reach(fleet::Attempt& attempt) {
        const fleet::Settings settings = settings_of(attempt.target);
        Reach out;
        out.user = *settings.user;
        if (logs_in()) {
            Login& login = logins_.at(attempt.place);
            co_await attempt.interrupt->cut_off(find_password(login, attempt.limit));
            take(check_password(*login.password, attempt.target.scheme, login.user));
            out.password = *login.password;
        }
        net::DialOptions dial = options_.dial;
        dial.connect_timeout = *settings.connect_timeout;
        out.dial = settings.via ? take(ways_.dial(*settings.via, dial.connect_timeout))
                                : net::direct(dial);
        out.indirect = settings.via.has_value();
        out.family = dial.family;
        out.source = dial.bind;
        out.connect_timeout = dial.connect_timeout;
        out.trust = &trust_;
        if (settings.pin) out.trust_policy.pin = take(parse_pin(*settings.pin));
        out.trust_policy.trust_on_first_use = settings.tls_tofu.value_or(false);
        out.trust_policy.record = !attempt.dry_run;
        out.trust_policy.insecure = options_.insecure;
        out.trust_policy.compat = settings.tls_compat.value_or(false);
        if (settings.tls_ca && !options_.tls_ca) out.trust_policy.ca_file = *settings.tls_ca;
        if (settings.uuid) out.expected_uuid = lower(*settings.uuid);
        out.trace = trace_.get();
        co_return out;
    }

    Task<void> act(fleet::Attempt& attempt) {
        Reach with = co_await reach(attempt);
        if (const auto address = settings_of(attempt.target).address)
            attempt.target.address = *address;
        co_await std::get<Act>(order_.work)(attempt, std::move(with));
    }

    /// Bastions are left before the loop ends.
    Task<void> serve(fleet::Runner& runner, report::Sink& out, std::vector<fleet::Work> list) {
        struct Closing {
            Ways& ways;
            ~Closing() { ways.close(); }
        } closing{ways_};
        auto ready = runner.interrupt().cut_off(get_ready());
        if (limits_.deadline) ready = net::within(*limits_.deadline, std::move(ready), "deadline");
        const auto done = co_await net::attempt(std::move(ready));
        // Without time, or with a signal, the runner starts nothing, and counts.
        if (!done && !runner.interrupt().raised() && !runner.out_of_time()) fail(done.error());
        net::Group beside;
        if (out.waits()) co_await beside.spawn(show_late_rows(out));
        const auto ran = co_await net::attempt(runner.run(std::move(list)));
        beside.cancel();
        co_await beside.join();
        take(ran);
    }

    /// Rows do not wait for slow devices when nothing else comes either.
    static Task<void> show_late_rows(report::Sink& out) {
        for (;;) {
            co_await net::sleep_for(between_looks_for_rows);
            out.write_due();
        }
    }

    fleet::Job job() {
        fleet::Job out;
        out.tool = parsed_.tool->name;
        out.action = order_.action;
        out.effect = order_.effect;
        out.dry_run = options_.dry_run;
        out.lasting = order_.lasting;
        if (journal_ && !options_.dry_run) out.journal = &*journal_;
        out.act = [this](fleet::Attempt& attempt) { return act(attempt); };
        return out;
    }

    /// A run whose output is gone ends like one that got a signal: what is in flight is finished,
    /// and what was only armed is taken back.
    void write(std::string_view text) {
        if (order_.make_room) order_.make_room();
        if (lost_output_ || report::try_to_write(text)) return;
        lost_output_ = errno;
        if (runner_) runner_->drain();
    }

    report::Sink sink() {
        const bool terminal = ::isatty(STDOUT_FILENO) != 0;
        return {options_.output.value_or(terminal ? report::Format::table : report::Format::ndjson),
                order_.view,
                [this](std::string_view text) { write(text); },
                order_.render,
                {report::output_width()}};
    }

    int drive(std::vector<fleet::Work> list) {
        report::Sink out = sink();
        Progress progress(options_.progress, options_.quiet, options_.verbose, parsed_.tool->name);
        fleet::Job what = job();
        what.finished = [&](const report::Record& record, const report::Summary& so_far) {
            progress.finished(record, so_far);
        };
        fleet::Runner runner(std::move(what), limits_, out);
        runner_ = &runner;
        // When the run fails, the sink still writes, but there is nothing left to stop.
        struct Leaving {
            fleet::Runner*& runner;
            ~Leaving() { runner = nullptr; }
        } leaving{runner_};
        runner.identities().exclude(excluded_ids_);
        if (journal_) journal_->tell_devices(runner.identities());
        Signals signals(
            order_, [&] { runner.drain(); },
            [&] {
                if (trace_) trace_->reopen();
            });
        net::run([&] { return serve(runner, out, std::move(list)); },
                 [&](int number) { signals.hear(number); });
        return signals.status(finish(runner, out));
    }

    int decline(const std::vector<fleet::Work>& list) {
        report::Sink out = sink();
        fleet::Runner runner(job(), limits_, out);
        runner.give_up(list, fleet::Stop::declined);
        return finish(runner, out);
    }

    /// The end of the output, and what a person has to know of a run that ended early.
    int finish(fleet::Runner& runner, report::Sink& out) {
        const report::Summary summary = runner.summary();
        if (options_.summary) out.add(to_value(summary));
        out.finish();
        if (lost_output_) report::end_without_output(*lost_output_);
        tell_of_stop(runner.stopped(), summary);
        tell_of_ids(runner.identities());
        if (runner.journal_error()) fail(*runner.journal_error());
        if (nothing_left_) return 0;
        if (summary.targets == 0) say(*parsed_.tool, "no target");
        return runner.exit_status();
    }

    /// Whether an excluded id was there is known at the end only.
    void tell_of_ids(const fleet::Identities& met) const {
        if (options_.quiet) return;
        for (const std::string& word : options_.exclude)
            if (excluded_ids_.contains(lower(word)) && !met.met(lower(word)))
                say(*parsed_.tool, join({"warning: excluding ", word,
                                         " took nothing away: no device has told that id"}));
    }

    void tell_of_stop(fleet::Stop why, const report::Summary& summary) const {
        if (why == fleet::Stop::none || options_.quiet) return;
        const auto count = [](std::size_t number, const char* what) {
            return join({std::to_string(number), " ", what, number == 1 ? "" : "s"});
        };
        std::string reason = "stopped";
        if (why == fleet::Stop::declined) reason = "nothing was done";
        if (why == fleet::Stop::deadline) reason = "stopped at the deadline";
        if (why == fleet::Stop::failures)
            reason = "stopped after " + count(summary.failed, "failure");
        say(*parsed_.tool, join({reason, "; ", count(summary.not_started, "device"),
                                 summary.not_started == 1 ? " was" : " were", " not started"}));
    }

    Parsed parsed_;  // with what the configuration says
    const Order& order_;
    fleet::Inventory inventory_;
    const Options& options_ = parsed_.options;
    fleet::Limits limits_ = options_.limits;
    Credentials credentials_;
    Ways ways_;
    net::Trust trust_;
    std::unique_ptr<TraceFile> trace_;
    std::optional<fleet::Journal> journal_;
    std::set<std::string> excluded_ids_;
    std::vector<Login> logins_;
    std::map<std::string, std::size_t> places_;  // in logins_
    Secret key_passphrase_;
    fleet::Runner* runner_ = nullptr;  // while it runs
    std::optional<int> lost_output_;   // errno
    bool nothing_left_ = false;        // a resumed run found everything done
};

}  // namespace

int work(const Parsed& parsed, const Order& order) { return Run(parsed, order).go(); }

}  // namespace oob::cli
