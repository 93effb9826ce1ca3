#include "log.h"

#include "core/error.h"
#include "core/text.h"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace oob::sol {

namespace {

constexpr std::string_view name_word = "{name}";

[[noreturn]] void refuse(const std::filesystem::path& path) {
    const char* reason = std::strerror(errno);
    fail(Class::config, "config.log", join({"cannot write ", path.string(), ": ", reason}),
         "does the folder exist, and may it be written?");
}

std::string now() { return rfc3339(std::chrono::system_clock::now()); }

}  // namespace

std::filesystem::path log_path(const std::string& pattern, const std::string& name) {
    const std::size_t at = pattern.find(name_word);
    if (at == std::string::npos) return pattern;
    // A name comes from the user or the inventory, and must not lead out of the folder.
    std::string safe = name;
    for (char& c : safe)
        if (c == '/') c = '_';
    std::string out = pattern;
    return out.replace(at, name_word.size(), safe);
}

LogFile::LogFile(std::filesystem::path path, const Logging& logging)
    : path_(std::move(path)), logging_(logging) {
    open();
}

void LogFile::open() {
    file_.clear();
    file_.open(path_, std::ios::binary | std::ios::app);
    if (!file_) refuse(path_);
    std::error_code unknown;
    const auto size = std::filesystem::file_size(path_, unknown);
    size_ = unknown ? 0 : size;
}

/// FILE.4 becomes FILE.5, and so on down to FILE, which becomes FILE.1.
void LogFile::rotate() {
    file_.close();
    const auto numbered = [&](unsigned number) -> std::filesystem::path {
        if (number == 0) return path_;
        return path_.string() + "." + std::to_string(number);
    };
    std::error_code ignored;
    for (unsigned number = logging_.keep; number > 0; --number)
        std::filesystem::rename(numbered(number - 1), numbered(number), ignored);
    if (logging_.keep == 0) std::filesystem::remove(path_, ignored);
    open();
}

void LogFile::put(std::string_view text) {
    file_ << text;
    size_ += text.size();
}

void LogFile::add(View bytes) {
    std::string_view rest = as_text(bytes);
    while (!rest.empty()) {
        if (at_line_start_ && logging_.rotate_bytes > 0 && size_ >= logging_.rotate_bytes) rotate();
        if (at_line_start_ && logging_.timestamps) put(now() + " ");
        const std::size_t end = rest.find('\n');
        const std::string_view line = rest.substr(0, end == std::string_view::npos ? end : end + 1);
        put(line);
        at_line_start_ = line.ends_with('\n');
        rest.remove_prefix(line.size());
    }
    if (!file_.flush()) refuse(path_);
}

void LogFile::mark(const std::string& text) {
    if (!at_line_start_) put("\n");
    put(join({"--- ", now(), " ", harmless(text), " ---\n"}));
    at_line_start_ = true;
    if (!file_.flush()) refuse(path_);
}

void LogFile::reopen() {
    file_.close();
    open();
}

net::Task<void> log(plane::Device& device, Logging& logging, fleet::Attempt& attempt) {
    const std::filesystem::path path = log_path(logging.file, attempt.target.name);
    if (logging.open.contains(path))
        fail(Class::config, "config.log",
             join({"two consoles cannot be written to one file: ", path.string()}),
             "write {name} where the machine's name belongs");
    if (attempt.dry_run) {
        logging.open.emplace(path, nullptr);
        co_return co_await plan_console(device, logging.wish,
                                        join({"write what the console says to ", path.string()}),
                                        attempt);
    }
    LogFile file(path, logging);
    logging.open.emplace(path, &file);
    Follower follower(console_of(device), attempt, logging.wish);
    const auto done = co_await net::attempt(follower.run(
        [&](View bytes) { file.add(bytes); }, [&](const std::string& text) { file.mark(text); }));
    logging.open[path] = nullptr;
    const Followed& followed = follower.followed();
    Value session;
    session.set("file", path.string())
        .set("heard_bytes", followed.heard_bytes)
        .set("connections", followed.connections)
        .set("gaps", followed.gaps);
    attempt.data.set("session", std::move(session));
    take(done);
}

void reopen_all(Logging& logging) {
    for (const auto& [path, file] : logging.open)
        if (file) file->reopen();
}

}  // namespace oob::sol
