#include "cli/app.h"

#include "cli/credential.h"
#include "cli/progress.h"
#include "cli/targets.h"
#include "cli/terminal.h"
#include "cli/trace_file.h"
#include "cli/via.h"
#include "core/text.h"
#include "fleet/journal.h"
#include "net/deadline.h"
#include "net/run.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>

namespace oob::cli {

namespace {

/// The limit of a verb that lasts until somebody ends it.
constexpr std::chrono::hours without_end{24 * 365};

/// A message about the whole run, for people.
void say(const Tool& tool, const std::string& text) {
    std::fprintf(stderr, "%s: %s\n", tool.name.c_str(), text.c_str());
}

int report_error(const Tool& tool, const Error& error) {
    say(tool, error.message);
    if (!error.hint.empty()) std::fprintf(stderr, "hint: %s\n", error.hint.c_str());
    return exit_status(error.kind);
}

/// Asks or refuses before a change (contract, section 1).
Result<void> confirm(const Parsed& parsed, std::size_t devices) {
    const Options& options = parsed.options;
    const bool many = devices > 1;
    const bool needed = parsed.verb->effect == fleet::Effect::destroys ||
                        (parsed.verb->effect == fleet::Effect::changes && many);
    if (!needed || options.dry_run) return {};
    const std::string count = std::to_string(devices) + (many ? " devices" : " device");
    if (options.confirm) {
        if (*options.confirm == devices) return {};
        return std::unexpected(
            Error(Class::usage, "usage.confirm",
                  "--confirm says " + std::to_string(*options.confirm) + ", but there are " + count,
                  "look at the list with --dry-run"));
    }
    if (options.yes) return {};
    const std::string verb = parsed.verb->name;
    if (options.no_input || ::isatty(STDIN_FILENO) == 0 || ::isatty(STDERR_FILENO) == 0)
        return std::unexpected(Error(Class::usage, "usage.confirm", verb + " would act on " + count,
                                     "add --yes, or --confirm " + std::to_string(devices)));
    std::fprintf(stderr, "%s on %s? [y/N] ", verb.c_str(), count.c_str());
    std::string answer;
    std::getline(std::cin, answer);
    if (answer == "y" || answer == "Y" || answer == "yes") return {};
    return std::unexpected(
        Error(Class::usage, "usage.declined", "nothing was done", "answer y to go on"));
}

class Run {
 public:
    Run(const Program& program, Parsed parsed)
        : program_(program),
          parsed_(std::move(parsed)),
          options_(parsed_.options),
          credentials_(may_ask()),
          ways_(options_.dial, may_ask()),
          trust_(known_devices_file(), options_.tls_ca) {}

    int go() {
        if (options_.via) take(ways_.dial(*options_.via));
        if (options_.trace) trace_ = take(TraceFile::open(*options_.trace));
        if (options_.journal && options_.dry_run)
            fail(Class::usage, "usage.journal", "a dry run does nothing that a journal could hold",
                 "leave --journal or --dry-run away");
        const Act act = program_.prepare(parsed_);
        std::vector<fleet::Work> list = take(collect_work(parsed_, inventory_));
        const auto devices = static_cast<std::size_t>(std::ranges::count_if(
            list, [](const fleet::Work& work) { return !work.passed_through; }));
        take(confirm(parsed_, devices));
        if (options_.insecure && !options_.quiet)
            say(program_.tool, "warning: --insecure: nobody checks whom you talk to");
        const std::size_t before = list.size();
        if (options_.resume)
            journal_.emplace(take(fleet::Journal::resume(*options_.resume, purpose())));
        if (journal_) list = journal_->remaining(std::move(list));
        if (list.size() < before && !options_.quiet)
            say(program_.tool, join({std::to_string(before - list.size()), " of ",
                                     std::to_string(before), " targets were done before"}));
        nothing_left_ = before > 0 && list.empty();
        find_credentials(list);
        if (options_.journal)
            journal_.emplace(take(fleet::Journal::create(*options_.journal, purpose())));
        return drive(act, std::move(list));
    }

 private:
    bool may_ask() const { return !options_.no_input && ::isatty(STDERR_FILENO) != 0; }

    std::string action() const {
        const std::string& action = parsed_.verb->action;
        return action.empty() ? program_.tool.name.substr(4) + "." + parsed_.verb->name : action;
    }

    fleet::Purpose purpose() const {
        return {program_.tool.name, action(), fleet::check_of(words_of_work(parsed_)),
                parsed_.verb->effect != fleet::Effect::reads};
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
        return settings;
    }

    /// Who we are towards devices that ask for a certificate.
    void load_identity() {
        if (!options_.tls_cert) return;
        Secret passphrase;
        if (options_.tls_key_password)
            passphrase =
                take(credentials_.find(*options_.tls_key_password, "the client's key", ""));
        trust_.set_identity(
            take(net::TlsIdentity::load(*options_.tls_cert, options_.tls_key, passphrase)));
    }

    /// Asks each source before the first device is touched, so that a prompt never comes in the
    /// middle. The environment comes first: what stands there is taken out before a command starts.
    void find_credentials(std::vector<fleet::Work>& list) {
        if (!parsed_.verb->login) return load_identity();
        const auto in_environment = [this](const fleet::Work& work) {
            return settings_of(work.target).credential->starts_with("env:");
        };
        const bool key_in_environment =
            options_.tls_key_password && options_.tls_key_password->starts_with("env:");
        if (key_in_environment) load_identity();
        for (auto& work : list)
            if (in_environment(work)) find_credential(work);
        if (!key_in_environment) load_identity();
        for (auto& work : list)
            if (!in_environment(work)) find_credential(work);
    }

    void find_credential(fleet::Work& work) {
        if (work.passed_through || work.error) return;
        const fleet::Settings settings = settings_of(work.target);
        auto found = credentials_.find(*settings.credential, *settings.user, work.target.host);
        if (found) return;
        // A source that all devices share ends the run; one of this device's own is its own
        // failure.
        const bool shared = options_.credential && !options_.credential->starts_with("netrc");
        if (shared || found.error().kind == Class::usage) fail(found.error());
        work.error = found.error();
    }

    Reach reach(const Target& target) {
        const fleet::Settings settings = settings_of(target);
        Reach out;
        out.user = *settings.user;
        if (parsed_.verb->login)
            out.password =
                take(credentials_.find(*settings.credential, *settings.user, target.host));
        out.dial = settings.via ? take(ways_.dial(*settings.via)) : net::direct(options_.dial);
        out.indirect = settings.via.has_value();
        out.family = options_.dial.family;
        out.trust = &trust_;
        out.interrupt = &interrupt_;
        if (settings.pin) out.trust_policy.pin = take(parse_pin(*settings.pin));
        out.trust_policy.trust_on_first_use = options_.tls_tofu;
        out.trust_policy.insecure = options_.insecure;
        out.trust_policy.compat = settings.tls_compat.value_or(false);
        if (settings.tls_ca && !options_.tls_ca) out.trust_policy.ca_file = *settings.tls_ca;
        if (settings.uuid) out.expected_uuid = lower(*settings.uuid);
        out.trace = trace_.get();
        return out;
    }

    /// The bastions are logged into before the first device is touched, and left before the loop
    /// ends.
    net::Task<void> serve(fleet::Runner& runner, std::vector<fleet::Work> list) {
        struct Closing {
            Ways& ways;
            ~Closing() { ways.close(); }
        } closing{ways_};
        for (const auto& work : list)
            if (const auto via = settings_of(work.target).via; via && !work.passed_through)
                (void)ways_.dial(*via);
        co_await ways_.connect();
        co_await runner.run(std::move(list));
    }

    int drive(const Act& act, std::vector<fleet::Work> list) {
        const bool terminal = ::isatty(STDOUT_FILENO) != 0;
        const auto format =
            options_.output.value_or(terminal ? report::Format::table : report::Format::ndjson);
        report::Sink sink(format, program_.columns, report::write_to_stdout, program_.render);
        fleet::Job job;
        job.tool = program_.tool.name;
        job.action = action();
        job.effect = parsed_.verb->effect;
        job.dry_run = options_.dry_run;
        if (journal_ && !options_.dry_run) job.journal = &*journal_;
        job.act = [&](fleet::Attempt& attempt) {
            if (const auto address = settings_of(attempt.target).address)
                attempt.target.host = *address;
            return act(attempt, reach(attempt.target));
        };
        if (parsed_.verb->lasting || parsed_.verb->orderly) options_.limits.timeout = without_end;
        Progress progress(options_.progress, options_.quiet, options_.verbose, program_.tool.name);
        job.finished = [&](const report::Record& record, const report::Summary& so_far) {
            progress.finished(record, so_far);
        };
        fleet::Runner runner(std::move(job), options_.limits, sink);
        int signal = 0;
        net::run([&] { return serve(runner, std::move(list)); },
                 [&](int number) {
                     if (signal != 0 || parsed_.verb->lasting) {
                         RawTerminal::restore();
                         std::_Exit(128 + number);
                     }
                     signal = number;
                     interrupt_.raise();
                     runner.drain();
                 });
        if (options_.summary) sink.add(to_value(runner.summary()));
        sink.finish();
        if (runner.journal_error()) fail(*runner.journal_error());
        if (nothing_left_ && signal == 0) return 0;
        if (runner.summary().targets == 0) say(program_.tool, "no target");
        return signal != 0 ? 128 + signal : runner.exit_status();
    }

    const Program& program_;
    Parsed parsed_;
    Options& options_;
    fleet::Inventory inventory_;
    Credentials credentials_;
    Ways ways_;
    net::Trust trust_;
    std::unique_ptr<TraceFile> trace_;
    std::optional<fleet::Journal> journal_;
    Interrupt interrupt_;
    bool nothing_left_ = false;  // a resumed run found everything done
};

}  // namespace

std::filesystem::path known_devices_file() {
    const char* state = std::getenv("XDG_STATE_HOME");
    if (state && *state == '/') return std::filesystem::path(state) / "oob/known_devices";
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home && *home ? home : ".") / ".local/state/oob/known_devices";
}

int work(const Program& program, Parsed parsed) { return Run(program, std::move(parsed)).go(); }

std::expected<Parsed, int> parse_or_print(const Tool& tool, int argc, const char* const* argv) {
    auto parsed = parse(tool, argc, argv);
    if (parsed) return *std::move(parsed);
    const Finished& finished = parsed.error();
    if (finished.status == 0)
        report::write_to_stdout(finished.text);
    else
        std::fputs(finished.text.c_str(), stderr);
    return std::unexpected(finished.status);
}

int report_failures(const Tool& tool, const std::function<int()>& body) {
    try {
        return body();
    } catch (const Failure& failure) {
        return report_error(tool, failure.error());
    } catch (...) {
        return report_error(tool, net::detail::error_of(std::current_exception()));
    }
}

int run(const Program& program, int argc, const char* const* argv) {
    auto parsed = parse_or_print(program.tool, argc, argv);
    if (!parsed) return parsed.error();
    return report_failures(program.tool, [&] { return work(program, *std::move(parsed)); });
}

}  // namespace oob::cli
