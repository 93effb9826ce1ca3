#include "fleet/runner.h"

#include "core/excerpt.h"
#include "core/text.h"
#include "fleet/journal.h"
#include "net/deadline.h"
#include "net/group.h"

#include <algorithm>
#include <array>

namespace oob::fleet {

using net::Task;
using std::chrono::milliseconds;

namespace {

constexpr int most_attempts = 3;
constexpr milliseconds pause_before_retry{200};

/// Whether a read is worth another try. Silence and refusal are answers: a second try would only
/// cost time.
bool worth_retrying(const Error& error) {
    return error.retryable && error.kind != Class::timeout && error.code != "connect.refused" &&
           error.code != "resolve.timeout" && error.code != "config.timeout";
}

milliseconds since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
}

/// A device that the end of the run cut off needs no more time of its own.
void blame_deadline(Error& error) {
    constexpr std::string_view wrong = "--timeout";
    const bool cut_off = error.code == "timeout.deadline";
    if (cut_off) error.message = "the deadline of the run came before the device was done";
    if (cut_off || error.hint.find(wrong) != std::string::npos)
        error.hint = "give the run longer with --deadline, or leave it away";
}

/// The class that a foreign record's error names; internal for one that nobody knows.
Class class_named(std::string_view text) {
    for (int i = 0; i <= static_cast<int>(Class::internal); ++i)
        if (name(static_cast<Class>(i)) == text) return static_cast<Class>(i);
    return Class::internal;
}

}  // namespace

milliseconds Runner::time_left() const {
    if (!limits_.deadline) return milliseconds::max();
    return std::max(*limits_.deadline - since(started_), milliseconds(0));
}

void Runner::stop(Stop why) {
    if (stop_ == Stop::none) stop_ = why;
    interrupt_.raise();
}

bool Runner::may_start() {
    if (stop_ != Stop::none) return false;
    if (limits_.max_failures && failed_ >= *limits_.max_failures) stop_ = Stop::failures;
    if (time_left() == milliseconds(0)) stop_ = Stop::deadline;
    return stop_ == Stop::none;
}

Task<void> Runner::run(std::vector<Work> list) {
    targets_ = list.size();
    identities_.expect(targets_);
    for (const Work& work : list) sink_.expect(work.target.name);
    net::Group clock;
    if (job_.lasting && limits_.deadline) co_await clock.spawn(end_at_deadline());
    const auto started = co_await net::attempt(start_all(std::move(list)));
    clock.cancel();
    co_await clock.join();
    take(started);
    if (job_.journal && !journal_error_)
        if (auto synced = job_.journal->sync(); !synced) journal_error_ = synced.error();
    check_count();
}

Task<void> Runner::start_all(std::vector<Work> list) {
    net::Group group;
    const std::size_t batch = limits_.batch.value_or(list.size());
    std::size_t in_batch = 0;
    for (auto work = list.begin(); work != list.end(); ++work) {
        co_await group.wait_until_at_most(limits_.fanout - 1);
        if (in_batch == batch) {
            co_await group.join();
            in_batch = 0;
        }
        if (!may_start()) {
            not_started_ = static_cast<std::size_t>(list.end() - work);
            break;
        }
        ++in_batch;
        co_await group.spawn(
            serve(std::move(*work), static_cast<std::size_t>(work - list.begin())));
    }
    co_await group.join();
}

void Runner::give_up(const std::vector<Work>& list, Stop why) {
    targets_ = not_started_ = list.size();
    stop(why);
}

/// A verb that lasts has no time of its own that could run out.
Task<void> Runner::end_at_deadline() {
    co_await net::sleep_for(time_left());
    stop(Stop::deadline);
}

void Runner::check_count() const {
    if (ok_ + failed_ + not_started_ == targets_) return;
    fail(Class::internal, "internal.count",
         join({std::to_string(targets_), " targets, but ", std::to_string(ok_), " ok, ",
               std::to_string(failed_), " failed and ", std::to_string(not_started_),
               " not started"}),
         "look at each target's state; this is a fault of the program, please report it");
}

/// Whether the target may be acted upon: the journal has to know of it first.
bool Runner::note_start(const std::string& target, report::Record& record) {
    if (!job_.journal) return true;
    auto noted = job_.journal->started(target);
    if (noted) return true;
    record.error = noted.error();
    journal_error_ = std::move(noted).error();
    stop(Stop::journal);
    return false;
}

namespace {

/// Puts into the record what was found: of texts of devices only so much as a person reads, unless
/// they are what was asked for. Tables keep all records of a run.
void fill(report::Record& record, Attempt& attempt) {
    const auto kept = [&](Value& value) {
        return attempt.whole_texts ? std::move(value) : excerpt(std::move(value));
    };
    record.before = kept(attempt.before);
    record.after = kept(attempt.after);
    record.data = kept(attempt.data);
    record.findings = std::move(attempt.findings);
    DeviceFacts& device = record.findings.device;
    for (auto* fact : {&device.uuid, &device.mac, &device.firmware, &device.control_mode})
        if (*fact) *fact = excerpt(*std::move(*fact));
    for (std::string& warning : record.findings.warnings) warning = excerpt(std::move(warning));
}

}  // namespace

/// `number` is its place among all targets.
Task<void> Runner::serve(Work work, std::size_t number) {
    if (work.passed_through) {
        pass_through(*std::move(work.passed_through), number);
        co_return;
    }
    const auto start = std::chrono::steady_clock::now();
    Attempt attempt;
    attempt.target = work.target;
    attempt.place = work.place;
    attempt.dry_run = job_.dry_run;
    const milliseconds timeout = work.timeout.value_or(limits_.timeout);
    attempt.by_deadline = time_left() <= timeout;
    attempt.limit = std::min(timeout, time_left());
    attempt.lasting = job_.lasting;
    attempt.interrupt = &interrupt_;
    attempt.identities = &identities_;
    attempt.findings.device.name = work.target.name;
    attempt.findings.device.protocol = work.target.scheme.substr(0, work.target.scheme.find('+'));

    report::Record record;
    record.tool = job_.tool;
    record.target = work.target.text;
    record.action = job_.action;
    record.dry_run = job_.dry_run;
    // Whatever happens to a device ends in its record.
    auto attended = co_await net::attempt(attend(std::move(work), attempt, record));
    if (!attended && !record.error) record.error = std::move(attended).error();
    if (record.error && stop_ == Stop::deadline && record.error->kind == Class::interrupted) {
        record.error->kind = Class::timeout;
        record.error->code = "timeout.deadline";
        blame_deadline(*record.error);
    }

    record.time = std::chrono::system_clock::now();
    record.ok = !record.error;
    record.changed = attempt.changed;
    if (record.error && record.error->indeterminate) record.changed = std::nullopt;
    record.verified = record.ok && attempt.verified;
    fill(record, attempt);
    record.duration = since(start);
    finish(std::move(record), number);
}

Task<void> Runner::attend(Work work, Attempt& attempt, report::Record& record) {
    record.error = std::move(work.error);
    if (work.outcome_unknown)
        co_await find_out(attempt, record);
    else if (!record.error && note_start(work.target.text, record))
        co_await act(attempt, record);
}

/// The act is called in here, so that what it throws at once is this device's failure too.
Task<void> Runner::perform(Attempt& attempt) { co_await job_.act(attempt); }

Task<void> Runner::act_once(Attempt& attempt, milliseconds limit) {
    if (job_.lasting) co_return co_await perform(attempt);
    auto result =
        co_await net::attempt(net::within(std::max(limit, milliseconds(1)), perform(attempt),
                                          attempt.by_deadline ? "deadline" : "device"));
    if (!result && result.error().code == "config.timeout" && out_of_time()) {
        result.error().kind = Class::timeout;
        result.error().code = "timeout.deadline";
    }
    if (!result && attempt.by_deadline) blame_deadline(result.error());
    take(std::move(result));
}

Task<void> Runner::act(Attempt& attempt, report::Record& record) {
    const auto end = std::chrono::steady_clock::now() + attempt.limit;
    for (;;) {
        const auto left =
            record.attempts == 1
                ? attempt.limit
                : std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
        auto result = co_await net::attempt(act_once(attempt, left));
        if (result) co_return;
        const bool again = job_.effect == Effect::reads && worth_retrying(result.error()) &&
                           record.attempts < most_attempts && left > 2 * pause_before_retry &&
                           !interrupt_.raised();
        if (!again) {
            record.error = std::move(result).error();
            co_return;
        }
        ++record.attempts;
        co_await net::sleep_for(pause_before_retry);
    }
}

/// A change of an earlier run that may or may not have come about: reads the state as a dry run
/// does, and changes nothing.
Task<void> Runner::find_out(Attempt& attempt, report::Record& record) {
    Result<void> result;
    if (record.error) {  // it cannot even be asked
        result = std::unexpected(*std::move(record.error));
        record.error.reset();
    } else {
        attempt.dry_run = true;
        result = co_await net::attempt(act_once(attempt, attempt.limit));
        attempt.dry_run = job_.dry_run;
    }
    const Value* plan = attempt.data.find("plan");
    if (result && plan && plan->text() == nothing_to_do) {
        attempt.changed = false;
        attempt.verified = true;
        attempt.findings.warnings.emplace_back(
            "in the wanted state; the run that was interrupted may have made the change");
        co_return;
    }
    Error error(Class::indeterminate, "indeterminate.interrupted",
                "a run was interrupted here, and nobody knows whether the device made the change",
                "look at its state; to make the change again, run the command without --resume");
    if (!result) error.native = std::move(result.error().native);
    if (!result) error.with("cause", result.error().code);
    error.indeterminate = true;
    record.error = std::move(error);
}

void Runner::count_failure(const std::string& class_name, int status) {
    ++failed_;
    ++failures_by_class_[class_name];
    ++failures_by_status_[status];
}

/// UUIDs do collide in the field (contract, section 2): whoever is second is told of.
void Runner::compare_identity(report::Record& record) {
    const auto id = record.findings.device.id();
    if (!id) return;
    const auto first = identities_.meet(*id, record.target);
    if (!first) return;
    record.duplicate = true;
    record.findings.warnings.push_back(
        join({*first,
              " has told the same identity: one machine twice, or two that were "
              "cloned"}));
}

void Runner::finish(report::Record record, std::size_t number) {
    compare_identity(record);
    if (record.ok) {
        ++ok_;
        if (record.changed.value_or(false)) ++changed_;
    } else {
        count_failure(std::string(name(record.error->kind)), oob::exit_status(record.error->kind));
    }
    const Value line = to_value(record);
    if (job_.journal && !journal_error_) {
        if (auto noted = job_.journal->finished(line); !noted) {
            journal_error_ = noted.error();
            stop(Stop::journal);
        }
    }
    sink_.add(line, number);
    if (job_.finished) job_.finished(record, summary());
}

void Runner::pass_through(Value record, std::size_t number) {
    const Value* error = record.find("error");
    const Value* kind = error ? error->find("class") : nullptr;
    // Whoever does not say why it failed has at least failed before.
    const Class failed_as = kind ? class_named(kind->text()) : Class::precondition;
    ++skipped_;
    count_failure(std::string(name(failed_as)), oob::exit_status(failed_as));
    record.set("skipped", true);
    sink_.add(record, number);
}

report::Summary Runner::summary() const {
    report::Summary out;
    out.tool = job_.tool;
    out.action = job_.action;
    out.targets = targets_;
    out.ok = ok_;
    out.changed = changed_;
    out.failed = failed_;
    out.skipped = skipped_;
    out.duration = since(started_);
    out.not_started = not_started_;
    out.stopped_early = not_started_ > 0;
    for (const auto& [class_name, count] : failures_by_class_) out.classes.set(class_name, count);
    return out;
}

int Runner::exit_status() const {
    constexpr int nothing_matched = 3;
    constexpr int mixed = 1;
    constexpr int early = 5;
    if (targets_ == 0) return nothing_matched;
    if (not_started_ > 0) return early;
    if (failed_ == 0) return 0;
    return failures_by_status_.size() == 1 ? failures_by_status_.begin()->first : mixed;
}

}  // namespace oob::fleet
