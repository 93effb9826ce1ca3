#include "cli/trace_file.h"

#include "core/private_file.h"
#include "core/text.h"
#include "report/person.h"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

namespace oob::cli {

Result<std::unique_ptr<TraceFile>> TraceFile::open(const std::filesystem::path& path) {
    const auto refuse = [&](std::string_view reason) {
        return std::unexpected(Error(Class::config, "config.trace",
                                     join({"cannot write ", path.string(), ": ", reason}),
                                     "choose another file for --trace"));
    };
    auto opened = open_private(path, Writing::appending);
    if (!opened) return refuse(opened.error().reason);
    std::FILE* file = ::fdopen(opened->get(), "a");
    if (!file) return refuse(std::strerror(errno));
    opened->release();
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
