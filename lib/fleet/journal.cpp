#include "fleet/journal.h"

#include "core/json.h"
#include "core/text.h"
#include "fleet/identities.h"
#include "fleet/runner.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

namespace oob::fleet {

namespace {

constexpr const char* code = "config.journal";
/// A journal of a million targets with large records stays below this.
constexpr std::size_t most_bytes = std::size_t{4} * 1024 * 1024 * 1024;
/// No record of ours is longer.
constexpr std::size_t longest_line = 16 * 1024 * 1024;
/// Targets that are written down together.
constexpr std::size_t targets_of_a_line = 1000;

Value line_of(const char* type) {
    Value out;
    out.set("schema", "oob/1")
        .set("type", type)
        .set("time", rfc3339(std::chrono::system_clock::now()));
    return out;
}

std::string_view text_of(const Value& value, std::string_view key) {
    const Value* found = value.find(key);
    return found ? found->text() : std::string_view();
}

bool says(const Value& value, std::string_view key) {
    const Value* found = value.find(key);
    return found && found->truth();
}

/// The same machine in other letters is the same machine.
std::string key_of_text(std::string_view target) {
    const auto read = parse_target(target);
    return read ? key_of(*read) : std::string(target);
}

}  // namespace

std::string check_of(const std::vector<std::string>& words) {
    std::uint32_t hash = 2166136261U;  // FNV-1a
    const auto mix = [&hash](unsigned char byte) { hash = (hash ^ byte) * 16777619U; };
    for (const auto& word : words) {
        for (const char c : word) mix(static_cast<unsigned char>(c));
        mix(0);
    }
    const std::uint32_t folded = (hash >> 16 ^ hash) & 0xffffU;
    const std::array<std::byte, 2> bytes{std::byte(folded >> 8), std::byte(folded & 0xffU)};
    return hex_lower(bytes);
}

Error Journal::trouble(std::string_view doing, std::string_view reason) const {
    return Error(Class::config, code,
                 join({"cannot ", doing, " the journal ", path_.string(), ": ", reason}),
                 "check the path, its permissions and the space on the disk");
}

Error Journal::trouble(std::string_view doing) const {
    return trouble(doing, std::strerror(errno));
}

Result<Journal> Journal::open(const std::filesystem::path& path, Writing writing, bool durable) {
    auto file = open_private(path, writing);
    if (!file && file.error().number == EEXIST)
        return std::unexpected(Error(Class::usage, "usage.journal",
                                     path.string() + " exists already",
                                     "go on with --resume, or choose another name for a new run"));
    if (!file)
        return std::unexpected(Journal(path, -1, durable).trouble("open", file.error().reason));
    const int descriptor = file->release();
    Journal journal(path, descriptor, durable);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return std::unexpected(Error(Class::config, code,
                                         "another run is writing the journal " + path.string(),
                                         "wait for it, or stop it"));
        return std::unexpected(journal.trouble("lock"));
    }
    return journal;
}

Result<Journal> Journal::create(const std::filesystem::path& path, const Purpose& purpose) {
    auto journal = open(path, Writing::anew, purpose.changes);
    if (!journal) return journal;
    Value head = line_of("run");
    head.set("tool", purpose.tool)
        .set("version", OOB_VERSION)
        .set("action", purpose.action)
        .set("check", purpose.check);
    if (auto written = journal->append(head, true); !written)
        return std::unexpected(written.error());
    // The name of a new file is on the disk when its folder is.
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        ::fsync(directory);
        ::close(directory);
    }
    return journal;
}

Result<Journal> Journal::resume(const std::filesystem::path& path, const Purpose& purpose) {
    auto journal = open(path, Writing::existing, purpose.changes);
    if (!journal) return journal;
    if (auto read = journal->read_past(purpose); !read) return std::unexpected(read.error());
    return journal;
}

Journal::Journal(Journal&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(other.descriptor_),
      durable_(other.durable_),
      broken_(other.broken_),
      past_(std::move(other.past_)),
      intended_(std::move(other.intended_)) {
    other.descriptor_ = -1;
}

Journal::~Journal() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> Journal::read_past(const Purpose& purpose) {
    std::string pending;
    std::string chunk(256 * 1024, '\0');
    std::size_t whole = 0;  // bytes of the lines that have their end
    std::size_t number = 0;
    while (whole + pending.size() <= most_bytes) {
        const ssize_t count = ::read(descriptor_, chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return std::unexpected(trouble("read"));
        if (count == 0) break;
        pending.append(chunk, 0, static_cast<std::size_t>(count));
        std::size_t begin = 0;
        for (std::size_t end = 0; (end = pending.find('\n', begin)) != std::string::npos;
             begin = end + 1) {
            const auto line = std::string_view(pending).substr(begin, end - begin);
            if (auto read = remember(line, ++number, purpose); !read) return read;
        }
        whole += begin;
        pending.erase(0, begin);
        if (pending.size() > longest_line) break;
    }
    if (whole + pending.size() > most_bytes || pending.size() > longest_line)
        return std::unexpected(Error(Class::config, code, path_.string() + " is no journal",
                                     "name the file that --journal wrote"));
    if (number == 0)
        return std::unexpected(Error(Class::usage, "usage.resume",
                                     "nothing was begun in the journal " + path_.string(),
                                     "start anew with --journal and another name"));
    // What was cut short was not acted upon (a start) or counts as unknown (an end).
    if (!pending.empty() && ::ftruncate(descriptor_, static_cast<off_t>(whole)) != 0)
        return std::unexpected(trouble("repair"));
    return {};
}

Result<void> Journal::remember(std::string_view line, std::size_t number, const Purpose& purpose) {
    const auto nonsense = [&](std::string_view why) {
        return std::unexpected(
            Error(Class::config, code,
                  join({path_.string(), ", line ", std::to_string(number), ": ", why}),
                  "the journal was damaged: look at the devices, then start anew"));
    };
    const auto value = parse_json(line);
    if (!value) return nonsense("no JSON");
    const auto type = text_of(*value, "type");
    if (number == 1) {
        if (type != "run") return nonsense("no journal of a run");
        if (text_of(*value, "tool") != purpose.tool ||
            text_of(*value, "action") != purpose.action ||
            text_of(*value, "check") != purpose.check)
            return std::unexpected(
                Error(Class::usage, "usage.resume",
                      join({"the journal is of another command: ", text_of(*value, "tool"), " ",
                            text_of(*value, "action")}),
                      "give the same verb with the same words as in the run that was interrupted"));
        return {};
    }
    if (type == "targets") {
        const Value* targets = value->find("targets");
        if (!targets || !targets->is_array()) return nonsense("targets that are no list");
        for (const Value& target : targets->items())
            intended_.emplace(key_of_text(target.text()), target.text());
        return {};
    }
    if (type == "start") {
        const auto target = text_of(*value, "target");
        if (target.empty()) return nonsense("a start without a target");
        past_[key_of_text(target)] = {Outcome::unknown, std::nullopt};
        return {};
    }
    const Value* record = value->find("record");
    if (type != "done" || !record) return nonsense("neither a start nor an end");
    const Value* changed = record->find("changed");
    const auto target = text_of(*record, "target");
    if (target.empty() || !changed) return nonsense("a record without target or changed");
    Past& past = past_[key_of_text(target)];
    past.record.reset();
    past.outcome = Outcome::failed;
    if (says(*record, "ok")) {
        past.outcome = Outcome::done;
        if (const Value* device = record->find("device")) past.device = text_of(*device, "id");
    } else if (changed->is_null()) {
        past.outcome = Outcome::unknown;
    } else if (changed->truth()) {
        past.outcome = Outcome::failed_after_change;
        past.record = *record;
    }
    return {};
}

Result<void> Journal::intend(const std::vector<Work>& list) {
    for (std::size_t i = 0; i < list.size(); i += targets_of_a_line) {
        Value targets = Value::array();
        for (std::size_t j = i; j < std::min(list.size(), i + targets_of_a_line); ++j)
            targets.push(list[j].target.text);
        Value line = line_of("targets");
        line.set("targets", std::move(targets));
        if (auto written = append(line, false); !written) return written;
    }
    return durable_ ? sync() : Result<void>();
}

OtherTargets Journal::compare(const std::vector<Work>& list) const {
    OtherTargets out;
    if (intended_.empty()) return out;
    std::set<std::string, std::less<>> present;
    for (const auto& work : list) {
        const std::string key = key_of(work.target);
        if (!intended_.contains(key)) out.added.push_back(work.target.text);
        present.insert(key);
    }
    for (const auto& [key, text] : intended_) {
        const auto past = past_.find(key);
        const bool done = past != past_.end() && past->second.outcome == Outcome::done;
        if (!done && !present.contains(key)) out.missing.push_back(text);
    }
    return out;
}

std::vector<Work> Journal::remaining(std::vector<Work> list) const {
    std::vector<Work> out;
    out.reserve(list.size());
    for (auto& work : list) {
        const auto found = past_.find(key_of(work.target));
        if (found != past_.end() && !work.passed_through) {
            const Past& past = found->second;
            if (past.outcome == Outcome::done) continue;
            if (past.outcome == Outcome::failed_after_change) work.passed_through = past.record;
            work.outcome_unknown = past.outcome == Outcome::unknown;
        }
        out.push_back(std::move(work));
    }
    return out;
}

void Journal::tell_devices(Identities& identities) const {
    for (const auto& [target, past] : past_)
        if (past.outcome == Outcome::done && !past.device.empty())
            (void)identities.meet(past.device, target);
}

Result<void> Journal::started(const std::string& target) {
    if (!durable_) return {};  // a read has no outcome that could stay unknown
    Value line = line_of("start");
    line.set("target", target);
    return append(line, true);
}

Result<void> Journal::finished(const Value& record) {
    Value line = line_of("done");
    line.set("record", record);
    return append(line, durable_);
}

Result<void> Journal::append(const Value& line, bool to_disk) {
    if (broken_) {
        errno = EIO;
        return std::unexpected(trouble("write"));
    }
    const std::string text = to_json(line) + "\n";
    std::string_view rest = text;
    while (!rest.empty()) {
        const ssize_t count = ::write(descriptor_, rest.data(), rest.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            broken_ = true;
            return std::unexpected(trouble("write"));
        }
        rest.remove_prefix(static_cast<std::size_t>(count));
    }
    return to_disk ? sync() : Result<void>();
}

Result<void> Journal::sync() {
    // A special file cannot be synced; that is its user's choice.
    if (::fdatasync(descriptor_) == 0 || errno == EINVAL || errno == EROFS) return {};
    broken_ = true;
    return std::unexpected(trouble("write"));
}

}  // namespace oob::fleet
