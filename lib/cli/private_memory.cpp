#include "cli/private_memory.h"

#include "core/file.h"
#include "core/text.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <string_view>

namespace oob::cli {

namespace {

/// Whether somebody traces this process already, and so can read its memory anyway.
bool is_traced() {
    constexpr std::string_view key = "TracerPid:";
    const auto status = read_file("/proc/self/status", "config.proc");
    if (!status) return false;
    for (const std::string_view line : split(*status, '\n'))
        if (line.starts_with(key)) return trim(line.substr(key.size())) != "0";
    return false;
}

}  // namespace

void keep_memory_private() {
    rlimit cores{};
    if (::getrlimit(RLIMIT_CORE, &cores) == 0) {
        cores.rlim_cur = 0;
        ::setrlimit(RLIMIT_CORE, &cores);
    }
    if (!is_traced()) ::prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace oob::cli
