#pragma once

#include "core/target.h"
#include "fleet/identities.h"
#include "fleet/interrupt.h"
#include "net/task.h"
#include "report/record.h"
#include "report/sink.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace oob::fleet {

/// What an order does to a device (contract, section 1).
enum class Effect { reads, changes, destroys };

/// One device's turn. The verb fills what it learns as it goes: a failure keeps all of it.
struct Attempt {
    Target target;
    std::size_t place = 0;  ///< as in its Work
    bool dry_run = false;
    std::chrono::milliseconds limit{30'000};  ///< the whole time for this device
    bool by_deadline = false;                 ///< that is all that is left of the run's
    bool lasting = false;              ///< the verb itself keeps to the limit where it has to
    Interrupt* interrupt = nullptr;    ///< the run's; outlives the attempt
    Identities* identities = nullptr;  ///< likewise: who was met in this run
    Findings findings;
    Value before;
    Value after;
    Value data;
    bool whole_texts = false;  ///< what the device said was asked for, and is not cut
    bool changed = false;
    bool verified = false;
};

/// What stands in `data.plan` after a dry run on a device that is in the wanted state already. A
/// resumed run goes by it.
inline constexpr std::string_view nothing_to_do = "nothing to do";

class Journal;

/// What is done to each target.
struct Job {
    std::string tool;
    std::string action;  ///< "power.on"
    Effect effect = Effect::reads;
    bool dry_run = false;
    /// A device's time has no limit; whoever acts puts one on each step. The deadline of the run is
    /// the wish that all come to their end.
    bool lasting = false;
    Journal* journal = nullptr;                    ///< null: none is kept
    std::function<net::Task<void>(Attempt&)> act;  ///< the Attempt outlives the task
    /// Told of each device that is done, after its record was written; may be empty.
    std::function<void(const report::Record&, const report::Summary& so_far)> finished;
};

/// One entry of the list that a run works through.
struct Work {
    Target target;
    std::optional<Value> passed_through = {};  ///< a record that had failed before it came here
    std::optional<Error> error = {};  ///< known before anything is sent: no credential, no such way
    bool outcome_unknown = false;  ///< an earlier run may have changed it: the state is read first
    std::size_t place = 0;         ///< the caller's own number of it, handed on to the attempt
    std::optional<std::chrono::milliseconds> timeout = {};  ///< of this device, else of the limits
};

/// Why a run stopped before its last device was started.
enum class Stop { none, declined, interrupted, failures, deadline, journal };

struct Limits {
    std::size_t fanout = 64;
    std::chrono::milliseconds timeout{30'000};
    std::optional<std::chrono::milliseconds> deadline;
    std::optional<std::size_t> batch;
    std::optional<std::size_t> max_failures;
};

/// Works through many targets: so many at once, each with its limit, results as they come. Knows no
/// protocol. Each target ends in one count: ok, failed, or not started.
class Runner {
 public:
    Runner(Job job, Limits limits, report::Sink& sink)
        : job_(std::move(job)), limits_(limits), sink_(sink) {}

    /// Must be awaited to its end; the runner outlives it. The deadline counts from when the runner
    /// was made. Throws Failure internal.count when the
    /// counts do not add up to the targets.
    net::Task<void> run(std::vector<Work> list);
    /// Counts a list of which nothing will be started.
    void give_up(const std::vector<Work>& list, Stop why);
    /// Starts nothing new; what is in flight comes to its end.
    void drain() { stop(Stop::interrupted); }
    Interrupt& interrupt() { return interrupt_; }
    /// The deadline has come.
    bool out_of_time() const { return time_left() == std::chrono::milliseconds(0); }
    Identities& identities() { return identities_; }
    report::Summary summary() const;
    /// Why devices were left out; `none` when all were started.
    Stop stopped() const { return not_started_ > 0 ? stop_ : Stop::none; }
    /// Why the run stopped early: its journal could not be written. Nothing otherwise.
    const std::optional<Error>& journal_error() const { return journal_error_; }
    /// The exit status of the contract, section 4, signals left out.
    int exit_status() const;

 private:
    net::Task<void> start_all(std::vector<Work> list);
    net::Task<void> serve(Work work, std::size_t number);
    net::Task<void> attend(Work work, Attempt& attempt, report::Record& record);
    net::Task<void> act(Attempt& attempt, report::Record& record);
    net::Task<void> act_once(Attempt& attempt, std::chrono::milliseconds limit);
    net::Task<void> perform(Attempt& attempt);
    net::Task<void> find_out(Attempt& attempt, report::Record& record);
    net::Task<void> end_at_deadline();
    bool note_start(const std::string& target, report::Record& record);
    void finish(report::Record record, std::size_t number);
    void compare_identity(report::Record& record);
    void pass_through(Value record, std::size_t number);
    void count_failure(const std::string& class_name, int status);
    bool may_start();
    void stop(Stop why);
    void check_count() const;
    std::chrono::milliseconds time_left() const;

    Job job_;
    Limits limits_;
    report::Sink& sink_;
    Interrupt interrupt_;
    Identities identities_;
    std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    std::size_t targets_ = 0;
    std::size_t ok_ = 0;
    std::size_t changed_ = 0;
    std::size_t failed_ = 0;
    std::size_t skipped_ = 0;
    std::size_t not_started_ = 0;
    std::map<std::string, std::size_t> failures_by_class_;
    std::map<int, std::size_t> failures_by_status_;
    std::optional<Error> journal_error_;
    Stop stop_ = Stop::none;
};

}  // namespace oob::fleet
