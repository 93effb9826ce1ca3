#pragma once

namespace oob::cli {

/// Keeps this process's memory, in which passwords are, out of core files and away from other
/// processes of the same user: it cannot be dumped, traced or read (PR_SET_DUMPABLE), whatever is
/// done with cores on this machine. A process that is started by a tracer stays open to it, so that
/// debuggers work; like the commands that are asked for passwords, it still leaves no core
/// (RLIMIT_CORE). To be called first of all.
void keep_memory_private();

}  // namespace oob::cli
