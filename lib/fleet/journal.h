#pragma once

#include "core/error.h"
#include "core/private_file.h"
#include "core/target.h"
#include "core/value.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace oob::fleet {

struct Work;
class Identities;

/// What a run was for: only the same thing may be resumed.
struct Purpose {
    std::string tool;
    std::string action;  ///< "power.on"
    std::string check;   ///< check_of() the verb's own words
    bool changes = false;
};

/// Four hex digits that tell other words from these. So few on purpose: words may hold a secret,
/// and 16 bits of a digest give none away.
std::string check_of(const std::vector<std::string>& words);

/// How the targets of a run differ from those of the run that it goes on with, as texts of targets.
struct OtherTargets {
    std::vector<std::string> added;    ///< the earlier run was not for them
    std::vector<std::string> missing;  ///< they were not done, and are no targets any more
};

/// The memory of a run that may be interrupted: an append-only NDJSON file, mode 0600, locked while
/// it is open. A line "run" says what for, lines "targets" for whom; then a target has "start"
/// before anything is sent to it and "done" with its record afterwards. Where the verb changes
/// something, both are on the disk before the run goes on, so a start without an end means that
/// nobody knows.
class Journal {
 public:
    /// Starts a new file. Errors: class `usage`, code `usage.journal` when it exists already; class
    /// `config`, code `config.journal` for the system's reasons.
    static Result<Journal> create(const std::filesystem::path& path, const Purpose& purpose);
    /// Reads what an earlier run left and goes on in the same file. A last line that was cut short
    /// is dropped. Errors: `usage.resume` when the journal is of another command; `config.journal`
    /// when it cannot be read, is in use, or a whole line makes no sense.
    static Result<Journal> resume(const std::filesystem::path& path, const Purpose& purpose);

    Journal(Journal&& other) noexcept;
    Journal& operator=(Journal&&) = delete;
    ~Journal();

    /// Writes down whom the run is for. Error: `config.journal`.
    Result<void> intend(const std::vector<Work>& list);
    /// What is different from what was intended; nothing for a journal that does not tell.
    OtherTargets compare(const std::vector<Work>& list) const;

    /// Takes away what is done, marks what has an unknown outcome, and gives failures that had
    /// changed something back as they were recorded: their change is not repeated.
    std::vector<Work> remaining(std::vector<Work> list) const;

    /// Tells who was met before: a machine that was changed under another name is not changed
    /// again.
    void tell_devices(Identities& identities) const;

    /// To be called before anything is sent to the target. Error: `config.journal`; then nothing
    /// may be sent.
    Result<void> started(const std::string& target);
    /// The target's record. Error: `config.journal`; then the run has to stop.
    Result<void> finished(const Value& record);
    /// Puts everything on the disk.
    Result<void> sync();

 private:
    enum class Outcome { unknown, done, failed_after_change, failed };
    struct Past {
        Outcome outcome = Outcome::failed;
        std::optional<Value> record = {};  // of a failure after a change only
        std::string device = {};           // who it was, where that is known
    };

    Journal(std::filesystem::path path, int descriptor, bool durable)
        : path_(std::move(path)), descriptor_(descriptor), durable_(durable) {}

    static Result<Journal> open(const std::filesystem::path& path, Writing writing, bool durable);
    Error trouble(std::string_view doing, std::string_view reason) const;
    Error trouble(std::string_view doing) const;
    Result<void> read_past(const Purpose& purpose);
    Result<void> remember(std::string_view line, std::size_t number, const Purpose& purpose);
    Result<void> append(const Value& line, bool to_disk);

    std::filesystem::path path_;
    int descriptor_;
    bool durable_;
    bool broken_ = false;  // a line may stand there in part: nothing may follow it
    std::map<std::string, Past, std::less<>> past_;
    std::map<std::string, std::string, std::less<>> intended_;  // texts by the keys of targets
};

}  // namespace oob::fleet
