#pragma once

#include "core/error.h"
#include "core/secret.h"
#include "net/task.h"
#include "net/turns.h"

#include <chrono>
#include <map>
#include <string>
#include <string_view>

namespace oob::cli {

/// True for `exec:COMMAND`: the one source that may take its time.
bool is_command(const std::string& reference);

/// Where passwords come from: `file:PATH`, `fd:N`, `env:NAME`, `netrc[:PATH]`, `exec:COMMAND`,
/// `systemd:NAME`, `ask` (contract, section 1). A source is asked once a run, netrc once a host.
class Credentials {
 public:
    /// `may_ask`: standard error is a terminal and --no-input was not given.
    explicit Credentials(bool may_ask) : may_ask_(may_ask) {}

    /// The password behind a reference for `user` on `host`, of a source that is no command.
    /// Errors: class `usage` code `usage.credential` for a reference that cannot be read; class
    /// `config` code `config.credential` when its source has none, or when others may read or
    /// write the file; `config.home` for a netrc file of nobody knows whom.
    Result<Secret> find(const std::string& reference, const std::string& user,
                        const std::string& host);
    /// The password that a command prints; it runs once, whatever comes of it; whoever asks
    /// meanwhile waits for it, and it ends after `limit`, or with the task that started it.
    /// Outlives the task. Throws Failure config.credential, config.timeout.
    net::Task<Secret> run(const std::string& reference, std::chrono::milliseconds limit);

 private:
    Result<Secret> ask(const std::string& user);

    bool may_ask_;
    std::map<std::string, Secret> known_;
    std::map<std::string, net::Turns> commands_;  // one run of each at a time
    std::map<std::string, Error> failed_;
};

/// The password of `machine` (or `default`) in the text of a netrc file, for `user` when the entry
/// names one. Error: `config.credential` when there is none.
Result<Secret> password_from_netrc(std::string_view text, std::string_view machine,
                                   std::string_view user);

}  // namespace oob::cli
