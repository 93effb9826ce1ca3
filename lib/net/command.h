#pragma once

#include "core/secret.h"
#include "net/task.h"

#include <cstddef>
#include <string>

namespace oob::net {

struct CommandOptions {
    std::string called = "the command";   ///< in messages
    std::string code = "config.command";  ///< of its failures
    std::size_t most_bytes = 4096;        ///< of output
    /// A person may be asked on the terminal, if there is one.
    bool may_ask = true;
};

/// What `/bin/sh -c command` writes to standard output, when it ends well. Standard error is ours.
/// Where a person may be asked and this process is in front on its terminal, the command shares
/// standard input and the process group; everywhere else it reads nothing and gets a group of its
/// own. It has ended when the shell has, even if something that it started keeps the output open.
/// When the task is cancelled, or there is too much output, the command is ended (its whole group
/// where it has one): SIGTERM, and SIGKILL a moment later. Throws Failure: `code` when it cannot be
/// started, fails, is killed or writes more than `most_bytes`; config.descriptors, config.memory;
/// interrupted.command when cancelled, which within() tells as config.timeout.
Task<Secret> run_command(std::string command, CommandOptions options);

}  // namespace oob::net
