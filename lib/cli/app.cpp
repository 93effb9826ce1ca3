#include "cli/app.h"

#include "cli/credential.h"
#include "cli/progress.h"
#include "cli/targets.h"
#include "cli/trace_file.h"
#include "core/text.h"
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

/// A message about the whole run, for people.
void say(const Tool& tool, const std::string& text) {
    std::fprintf(stderr, "%s: %s\n", tool.name.c_str(), text.c_str());
}

int report_error(const Tool& tool, const Error& error) {
    say(tool, error.message);
    if (!error.hint.empty()) std::fprintf(stderr, "hint: %s\n", error.hint.c_str());
    return exit_status(error.kind);
}

std::filesystem::path known_devices_file() {
    const char* state = std::getenv("XDG_STATE_HOME");
    if (state && *state == '/') return std::filesystem::path(state) / "oob/known_devices";
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home && *home ? home : ".") / ".local/state/oob/known_devices";
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
          credentials_(!options_.no_input && ::isatty(STDERR_FILENO) != 0),
          trust_(known_devices_file(), options_.tls_ca) {}

    int go() {
        if (options_.via)
            fail(Class::unsupported, "unsupported.via", "--via is not in this version",
                 "connect from a host that reaches the devices");
        if (options_.trace) trace_ = take(TraceFile::open(*options_.trace));
        const Act act = program_.prepare(parsed_);
        std::vector<fleet::Work> list = take(collect_work(parsed_, inventory_));
        const auto devices = static_cast<std::size_t>(std::ranges::count_if(
            list, [](const fleet::Work& work) { return !work.passed_through; }));
        take(confirm(parsed_, devices));
        if (options_.insecure && !options_.quiet)
            say(program_.tool, "warning: --insecure: nobody checks whom you talk to");
        for (auto& work : list) find_credential(work);
        return drive(act, std::move(list));
    }

 private:
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
        return settings;
    }

    /// Asks each source before the first device is touched, so that a prompt never comes in the
    /// middle.
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
        out.password = take(credentials_.find(*settings.credential, *settings.user, target.host));
        out.dial = net::direct(options_.dial);
        out.trust = &trust_;
        if (settings.pin) out.trust_policy.pin = take(parse_pin(*settings.pin));
        out.trust_policy.trust_on_first_use = options_.tls_tofu;
        out.trust_policy.insecure = options_.insecure;
        out.trust_policy.compat = settings.tls_compat.value_or(false);
        if (settings.uuid) out.expected_uuid = lower(*settings.uuid);
        out.trace = trace_.get();
        return out;
    }

    int drive(const Act& act, std::vector<fleet::Work> list) {
        const bool terminal = ::isatty(STDOUT_FILENO) != 0;
        const auto format =
            options_.output.value_or(terminal ? report::Format::table : report::Format::ndjson);
        report::Sink sink(format, program_.columns, report::write_to_stdout, program_.render);
        fleet::Job job;
        job.tool = program_.tool.name;
        const std::string& action = parsed_.verb->action;
        job.action =
            action.empty() ? program_.tool.name.substr(4) + "." + parsed_.verb->name : action;
        job.effect = parsed_.verb->effect;
        job.dry_run = options_.dry_run;
        job.act = [&](fleet::Attempt& attempt) {
            if (const auto address = settings_of(attempt.target).address)
                attempt.target.host = *address;
            return act(attempt, reach(attempt.target));
        };
        Progress progress(options_.progress, options_.quiet, options_.verbose, program_.tool.name);
        job.finished = [&](const report::Record& record, const report::Summary& so_far) {
            progress.finished(record, so_far);
        };
        fleet::Runner runner(std::move(job), options_.limits, sink);
        int signal = 0;
        net::run([&] { return runner.run(std::move(list)); },
                 [&](int number) {
                     if (signal != 0) std::_Exit(128 + number);
                     signal = number;
                     runner.drain();
                 });
        if (options_.summary) sink.add(to_value(runner.summary()));
        sink.finish();
        if (runner.summary().targets == 0) say(program_.tool, "no target");
        return signal != 0 ? 128 + signal : runner.exit_status();
    }

    const Program& program_;
    Parsed parsed_;
    Options& options_;
    fleet::Inventory inventory_;
    Credentials credentials_;
    net::Trust trust_;
    std::unique_ptr<TraceFile> trace_;
};

}  // namespace

int run(const Program& program, int argc, const char* const* argv) {
    auto parsed = parse(program.tool, argc, argv);
    if (!parsed) {
        const Finished& finished = parsed.error();
        if (finished.status == 0)
            report::write_to_stdout(finished.text);
        else
            std::fputs(finished.text.c_str(), stderr);
        return finished.status;
    }
    try {
        return Run(program, *std::move(parsed)).go();
    } catch (const Failure& failure) {
        return report_error(program.tool, failure.error());
    } catch (...) {
        return report_error(program.tool, net::detail::error_of(std::current_exception()));
    }
}

}  // namespace oob::cli
