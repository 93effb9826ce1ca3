#pragma once

#include "core/target.h"
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

/// What a verb does to a device (contract, section 1).
enum class Effect { reads, changes, destroys };

/// One device's turn. The verb fills what it learns as it goes: a failure keeps all of it.
struct Attempt {
    Target target;
    bool dry_run = false;
    std::chrono::milliseconds limit{30'000};  ///< the whole time for this device
    Findings findings;
    Value before;
    Value after;
    Value data;
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
    Journal* journal = nullptr;                    ///< null: none is kept
    std::function<net::Task<void>(Attempt&)> act;  ///< the Attempt outlives the task
    /// Told of each device that is done, after its record was written; may be empty.
    std::function<void(const report::Record&, const report::Summary& so_far)> finished;
};

/// One entry of the list that a run works through.
struct Work {
    Target target;
    std::optional<Value> passed_through;  ///< a record that had failed before it came here
    std::optional<Error> error;    ///< known before anything is sent: no credential, no such plane
    bool outcome_unknown = false;  ///< an earlier run may have changed it: the state is read first
};

struct Limits {
    std::size_t fanout = 64;
    std::chrono::milliseconds timeout{30'000};
    std::optional<std::chrono::milliseconds> deadline;
    std::optional<std::size_t> batch;
    std::optional<std::size_t> max_failures;
};

/// Works through many targets: so many at once, each with its limit, results as they come. Knows no
/// protocol.
class Runner {
 public:
    Runner(Job job, Limits limits, report::Sink& sink)
        : job_(std::move(job)), limits_(limits), sink_(sink) {}

    /// Must be awaited to its end; the runner outlives it.
    net::Task<void> run(std::vector<Work> list);
    /// Starts nothing new; what is in flight is finished.
    void drain() { draining_ = true; }
    report::Summary summary() const;
    /// Why the run stopped early: its journal could not be written. Nothing otherwise.
    const std::optional<Error>& journal_error() const { return journal_error_; }
    /// The exit status of the contract, section 4, signals left out.
    int exit_status() const;

 private:
    net::Task<void> serve(Work work);
    net::Task<void> act(Attempt& attempt, report::Record& record);
    net::Task<void> find_out(Attempt& attempt, report::Record& record);
    bool note_start(const std::string& target, report::Record& record);
    void finish(report::Record record);
    void compare_identity(report::Record& record);
    void pass_through(Value record);
    void count_failure(const std::string& class_name, int status);
    bool may_start() const;
    std::chrono::milliseconds time_left() const;

    Job job_;
    Limits limits_;
    report::Sink& sink_;
    std::chrono::steady_clock::time_point started_{};
    std::size_t targets_ = 0;
    std::size_t ok_ = 0;
    std::size_t changed_ = 0;
    std::size_t failed_ = 0;
    std::size_t skipped_ = 0;
    std::map<std::string, std::size_t> failures_by_class_;
    std::map<std::string, std::string> identities_;  // and the target that told each first
    std::map<int, std::size_t> failures_by_status_;
    std::optional<Error> journal_error_;
    bool draining_ = false;
    bool stopped_early_ = false;
};

}  // namespace oob::fleet
