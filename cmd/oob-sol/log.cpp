#include "log.h"

#include "core/error.h"
#include "core/private_file.h"
#include "core/text.h"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace oob::sol {

namespace {

constexpr std::string_view name_word = "{name}";

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view reason) {
    fail(Class::config, "config.log", join({"cannot write ", path.string(), ": ", reason}),
         "does the folder exist, and may it be written?");
}

std::string now() { return rfc3339(std::chrono::system_clock::now()); }

}  // namespace

std::filesystem::path log_path(const std::string& pattern, const std::string& name) {
    const std::size_t at = pattern.find(name_word);
    if (at == std::string::npos) return pattern;
    // A name comes from the user, the inventory or a record: it must not lead out of the folder,
    // nor end before it ends.
    std::string safe = harmless(name);
    for (char& c : safe)
        if (c == '/' || c == '?') c = '_';
    std::string out = pattern;
    return out.replace(at, name_word.size(), safe);
}

LogFile::LogFile(std::filesystem::path path, const Logging& logging)
    : path_(std::move(path)), logging_(logging) {
    open();
}

void LogFile::open() {
    auto opened = open_private(path_, Writing::appending);
    if (!opened) refuse(path_, opened.error().reason);
    file_.emplace(*std::move(opened));
    struct stat file{};
    struct stat under_the_name{};
    rotates_ = ::fstat(file_->get(), &file) == 0 && ::lstat(path_.c_str(), &under_the_name) == 0 &&
               S_ISREG(under_the_name.st_mode);
    size_ = rotates_ ? static_cast<std::uint64_t>(file.st_size) : 0;
}

bool LogFile::is_full() const {
    return rotates_ && logging_.rotate_bytes > 0 &&
           size_ + unwritten_.size() >= logging_.rotate_bytes;
}

/// FILE.4 becomes FILE.5, and so on down to FILE, which becomes FILE.1.
void LogFile::rotate() {
    flush();
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

void LogFile::flush() {
    const std::string text = std::exchange(unwritten_, {});
    if (!write_all(file_->get(), text)) refuse(path_, std::strerror(errno));
    size_ += text.size();
}

void LogFile::add(View bytes) {
    std::string_view rest = as_text(bytes);
    while (!rest.empty()) {
        if (at_line_start_ && is_full()) rotate();
        if (at_line_start_ && logging_.timestamps) put(now() + " ");
        const std::size_t end = rest.find('\n');
        const std::string_view line = rest.substr(0, end == std::string_view::npos ? end : end + 1);
        put(line);
        at_line_start_ = line.ends_with('\n');
        rest.remove_prefix(line.size());
    }
    flush();
}

void LogFile::mark(const std::string& text) {
    if (!at_line_start_) put("\n");
    put(join({"--- ", now(), " ", harmless(text), " ---\n"}));
    at_line_start_ = true;
    flush();
}

void LogFile::reopen() { open(); }

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
