#include "cli/trace_file.h"

#include "core/text.h"
#include "report/person.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

namespace oob::cli {

Result<std::unique_ptr<TraceFile>> TraceFile::open(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    std::FILE* file = descriptor < 0 ? nullptr : ::fdopen(descriptor, "a");
    if (!file)
        return std::unexpected(
            Error(Class::config, "config.trace",
                  join({"cannot write ", path.string(), ": ", std::strerror(errno)}),
                  "choose another file for --trace"));
    return std::unique_ptr<TraceFile>(new TraceFile(path, file));
}

TraceFile::~TraceFile() { std::fclose(file_); }

void TraceFile::reopen() {
    auto again = open(path_);
    if (again) std::swap(file_, (*again)->file_);
}

void TraceFile::write(std::string_view peer, char arrow, std::string_view text) {
    const std::string head = join({"--- ", rfc3339(std::chrono::system_clock::now()), " ",
                                   std::string_view(&arrow, 1), " ", peer, "\n"});
    std::fwrite(head.data(), 1, head.size(), file_);
    const bool shown = ::isatty(::fileno(file_)) != 0;  // --trace /dev/stderr
    const std::string words = shown ? report::harmless_lines(text) : std::string(text);
    std::fwrite(words.data(), 1, words.size(), file_);
    std::fputc('\n', file_);
    std::fflush(file_);
}

}  // namespace oob::cli
